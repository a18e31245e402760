import { HourlyDistinct } from '../baselines/distinct.js'
import { EntityTotals } from '../baselines/entity-totals.js'
import { HourlyTotals } from '../baselines/totals.js'
import { SeenValues } from '../baselines/values.js'
import type { ViewRow } from '../views/view.js'
import { type Feature, type Metric, NO_ID, type Stores } from './memory.js'
import { valueIn, valuesIn } from './values.js'

type Saved = [hour: number, total: number][]

const NO_IDS: readonly number[] = []

const nothing = () => NO_IDS

const forget = () => {}

/** In which hours rows came. */
export function hoursOf({ hours }: Stores): Feature<number> {
  return {
    key: 'hours',
    create: () => hours.allocate(),
    record: (slot, _row, hour) => hours.add(slot, hour),
    ids: nothing,
    release: (slot) => hours.release(slot),
    save: (slot) => hours.all(slot),
    load: (saved) => {
      const slot = hours.allocate()
      for (const hour of saved as number[]) hours.add(slot, hour)
      return slot
    },
  }
}

/** Which values a column, or several together, showed, and when. */
export function valuesOf(stores: Stores, columns: readonly string[]): Feature<SeenValues> {
  return {
    key: `values of ${columns.join(', ')}`,
    create: () => new SeenValues(stores.values),
    record: (values, row, hour) => {
      const value = valuesIn(row, columns)
      if (value === undefined) return
      const id = stores.id(value)
      if (id === NO_ID || !values.add(id, hour, stores.maxValues)) stores.overflows++
    },
    ids: (values) => values.ids(),
    release: (values) => values.release(),
    save: (values) => byText(Array.from(values.saved(), ([id, ...rest]) => [stores.texts.text(id), ...rest])),
    load: (saved) => {
      const values = new SeenValues(stores.values)
      for (const [text, newest, mask, older] of saved as [string, number, number, number][]) {
        values.restore(stores.texts.id(text), newest, mask, older)
      }
      return values
    },
  }
}

/** A count or a sum, hour by hour. */
export function totalsOf(metric: Metric): Feature<HourlyTotals> {
  return {
    key: describe(metric),
    create: () => new HourlyTotals(),
    record: (totals, row, hour) => {
      if (metric.of === undefined || metric.of.holds(row)) totals.add(hour, amountOf(metric, row))
    },
    ids: nothing,
    release: forget,
    save: saveTotals,
    load: loadTotals,
  }
}

/** How many different values a column showed, hour by hour. */
export function distinctOf(stores: Stores, metric: Metric): Feature<HourlyDistinct> {
  return {
    key: describe(metric),
    create: () => new HourlyDistinct(),
    record: (distinct, row, hour) => {
      const value = valueIn(row, metric.column ?? '')
      if (value === undefined || (metric.of && !metric.of.holds(row))) return
      const id = stores.id(value)
      if (id === NO_ID || !distinct.add(id, hour, stores.maxValues)) stores.overflows++
    },
    ids: (distinct) => distinct.ids(),
    release: forget,
    save: (distinct) => ({
      totals: saveTotals(distinct.totals),
      recent: byText(Array.from(distinct.recent(), ([id, hour]) => [stores.texts.text(id), hour])),
    }),
    load: (saved) => loadDistinct(stores, saved as { totals: Saved; recent: [string, number][] }),
  }
}

/** A count or a sum, hour by hour, for each value of a column. */
export function entityTotalsOf(stores: Stores, metric: Metric, by: string): Feature<EntityTotals> {
  return {
    key: `${describe(metric)} by ${by}`,
    create: () => new EntityTotals(),
    record: (totals, row, hour) => {
      const entity = valueIn(row, by)
      if (entity === undefined) return
      const amount = metric.of === undefined || metric.of.holds(row) ? amountOf(metric, row) : 0
      const id = stores.id(entity)
      if (id === NO_ID || !totals.add(id, hour, amount, stores.maxValues)) stores.overflows++
    },
    *ids(totals) {
      for (const [id] of totals.all()) yield id
    },
    release: forget,
    save: (totals) =>
      byText(Array.from(totals.all(), ([id, series]) => [stores.texts.text(id), saveTotals(series)])),
    load: (saved) => loadEntities(stores, saved as [string, Saved][]),
  }
}

function amountOf(metric: Metric, row: ViewRow): number {
  if (metric.metric === 'count') return 1
  const value = row[metric.column ?? '']
  return typeof value === 'number' ? value : 0
}

function describe({ metric, column, of }: Metric): string {
  return [metric, column, of && `of ${of.key}`].filter((part) => part !== undefined).join(' ')
}

/** Saved entries in an order that does not depend on the numbers that their texts happen to have. */
function byText<Entry extends [string, ...unknown[]]>(entries: Entry[]): Entry[] {
  return entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function saveTotals(totals: HourlyTotals): Saved {
  return totals.entries(0, Number.POSITIVE_INFINITY)
}

function loadTotals(saved: unknown): HourlyTotals {
  const totals = new HourlyTotals()
  for (const [hour, total] of saved as Saved) totals.add(hour, total)
  return totals
}

function loadDistinct(stores: Stores, saved: { totals: Saved; recent: [string, number][] }): HourlyDistinct {
  const distinct = new HourlyDistinct()
  for (const [hour, total] of saved.totals) distinct.totals.add(hour, total)
  for (const [text, hour] of saved.recent) distinct.restore(stores.texts.id(text), hour)
  return distinct
}

function loadEntities(stores: Stores, saved: [string, Saved][]): EntityTotals {
  const totals = new EntityTotals()
  for (const [text, series] of saved) {
    for (const [hour, total] of series)
      totals.add(stores.texts.id(text), hour, total, Number.POSITIVE_INFINITY)
  }
  return totals
}
