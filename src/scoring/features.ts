import { HourlyDistinct } from '../baselines/distinct.js'
import { EntityTotals } from '../baselines/entity-totals.js'
import { HourlyTotals } from '../baselines/totals.js'
import { SeenValues, type ValueSets } from '../baselines/values.js'
import type { ViewRow } from '../views/view.js'
import { type Feature, type Metric, NO_ID, type Stores } from './memory.js'
import { activeHours, totalsByHour, totalsByValue, valuesByHour } from './summary.js'

const NO_IDS: readonly number[] = []

const nothing = () => NO_IDS

const forget = () => {}

/** In which hours rows came. */
export function hoursOf({ hours }: Stores): Feature<number> {
  return {
    key: 'hours',
    create: () => hours.allocate(),
    record: (slot, _row, hour) => hours.add(slot, hour),
    past: { operators: activeHours, absorb: (slot, { hour }) => hours.add(slot, hour) },
    ids: nothing,
    release: (slot) => hours.release(slot),
    save: (slot) => hours.saved(slot),
    load: (saved) => hours.restore(saved as string),
  }
}

/** Which values a column, or several together, showed, and when. */
export function valuesOf(stores: Stores, columns: readonly string[]): Feature<number> {
  const { values: sets } = stores
  const idOf = stores.idOf(columns)
  const values = new SeenValues(sets)
  const note = (set: number, id: number, hour: number) => {
    if (id === NO_ID || !values.at(set).add(id, hour, stores.maxValues)) stores.overflows++
  }
  return {
    key: `values of ${columns.join(', ')}`,
    create: () => sets.allocate(),
    record: (set, row, hour) => {
      const id = idOf(row)
      if (id !== undefined) note(set, id, hour)
    },
    past: {
      operators: (scope) => valuesByHour(columns, scope),
      absorb: (set, { value, hour }) => note(set, stores.id(value), hour),
    },
    ids: (set) => values.at(set).ids(),
    release: (set) => {
      values.at(set).release()
      sets.release(set)
    },
    save: (set) => filled(byText(stores, values.at(set).saved())),
    load: (saved) => loadValues(stores, sets, saved as (string | number)[]),
  }
}

/** A count or a sum, hour by hour. */
export function totalsOf(stores: Stores, metric: Metric): Feature<HourlyTotals> {
  return {
    key: describe(metric),
    create: () => new HourlyTotals(stores.hours),
    ...countsOf(stores, metric),
    record: (totals, row, hour) => {
      totals.add(hour, amountOf(metric, row))
    },
    past: {
      operators: (scope) => totalsByHour(metric, scope),
      absorb: (totals, { hour, total }) => void totals.add(hour, total),
    },
    ids: nothing,
    release: (totals) => totals.release(),
    save: (totals) => totals.saved(),
    load: (saved) => loadTotals(stores, saved),
  }
}

/** How many different values a column showed, hour by hour. */
export function distinctOf(stores: Stores, metric: Metric): Feature<HourlyDistinct> {
  const column = metric.column ?? ''
  const idOf = stores.idOf([column])
  const note = (distinct: HourlyDistinct, id: number, hour: number) => {
    if (id === NO_ID || !distinct.add(id, hour, stores.maxValues)) stores.overflows++
  }
  return {
    key: describe(metric),
    create: () => new HourlyDistinct(stores.hours),
    ...countsOf(stores, metric),
    record: (distinct, row, hour) => {
      const id = idOf(row)
      if (id !== undefined) note(distinct, id, hour)
    },
    past: {
      operators: (scope) => valuesByHour([column], scope, metric.of),
      absorb: (distinct, { value, hour }) => note(distinct, stores.id(value), hour),
    },
    ids: (distinct) => distinct.ids(),
    release: (distinct) => distinct.totals.release(),
    save: (distinct) => {
      const totals = filled(distinct.totals.saved())
      return totals && [totals, byText(stores, distinct.recent())]
    },
    load: (saved) => loadDistinct(stores, saved as [number[], (string | number)[]]),
  }
}

/** A count or a sum, hour by hour, for each value of a column. */
export function entityTotalsOf(stores: Stores, metric: Metric, by: string): Feature<EntityTotals> {
  const idOf = stores.idOf([by])
  const measured = metric.of && stores.holds(metric.of)
  const note = (totals: EntityTotals, id: number, hour: number, amount: number) => {
    if (id === NO_ID || !totals.add(id, hour, amount, stores.maxValues)) stores.overflows++
  }
  return {
    key: `${describe(metric)} by ${by}`,
    create: () => new EntityTotals(),
    record: (totals, row, hour) => {
      const id = idOf(row)
      if (id === undefined) return
      note(totals, id, hour, measured === undefined || measured(row) ? amountOf(metric, row) : 0)
    },
    past: {
      operators: (scope) => totalsByValue(metric, by, scope),
      absorb: (totals, { value, hour, total }) => note(totals, stores.id(value), hour, total),
    },
    *ids(totals) {
      for (const [id] of totals.all()) yield id
    },
    release: forget,
    save: (totals) => filled(byText(stores, savedSeries(totals))),
    load: (saved) => loadEntities(stores, saved as (string | number[])[]),
  }
}

/** Most agents never have a row of those that many metrics are of, such as failures: they keep nothing for these. */
function countsOf(stores: Stores, { of }: Metric): Pick<Feature, 'counts'> {
  return of ? { counts: stores.holds(of) } : {}
}

function amountOf(metric: Metric, row: ViewRow): number {
  if (metric.metric === 'count') return 1
  const value = row[metric.column ?? '']
  return typeof value === 'number' ? value : 0
}

function describe({ metric, column, of }: Metric): string {
  return [metric, column, of && `of ${JSON.stringify(of)}`].filter((part) => part !== undefined).join(' ')
}

/**
 * Entries as one list, each with the text of its id first, in an order that does not depend on the numbers that texts
 * happen to have. Lists of lists take twice as long to write and to read.
 */
function byText<Part>(
  { texts }: Stores,
  entries: Iterable<readonly [id: number, ...rest: Part[]]>,
): (string | Part)[] {
  const ordered = [...entries]
  if (ordered.length > 1) ordered.sort(([a], [b]) => (texts.text(a) < texts.text(b) ? -1 : 1))
  const list: (string | Part)[] = []
  for (const entry of ordered) {
    list.push(texts.text(entry[0]))
    for (let at = 1; at < entry.length; at++) list.push(entry[at] as Part)
  }
  return list
}

/** A list, or nothing if it is empty: rows without a value make a state in which there is nothing. */
function filled<Item>(list: Item[]): Item[] | undefined {
  return list.length === 0 ? undefined : list
}

function loadValues(stores: Stores, sets: ValueSets, saved: (string | number)[]): number {
  const set = sets.allocate()
  const values = new SeenValues(sets, set)
  for (let at = 0; at < saved.length; at += 4) {
    const [text, newest, mask, older] = saved.slice(at, at + 4) as [string, number, number, number]
    values.restore(stores.texts.id(text), newest, mask, older)
  }
  return set
}

function loadTotals({ hours }: Stores, saved: unknown): HourlyTotals {
  const totals = new HourlyTotals(hours)
  totals.restore(saved as number[])
  return totals
}

function loadDistinct(stores: Stores, [totals, recent]: [number[], (string | number)[]]): HourlyDistinct {
  const distinct = new HourlyDistinct(stores.hours)
  distinct.totals.restore(totals)
  for (let at = 0; at < recent.length; at += 2) {
    distinct.restore(stores.texts.id(recent[at] as string), recent[at + 1] as number)
  }
  return distinct
}

function* savedSeries(totals: EntityTotals): Iterable<[id: number, saved: number[]]> {
  for (const [id, series] of totals.all()) yield [id, series.saved()]
}

function loadEntities(stores: Stores, saved: (string | number[])[]): EntityTotals {
  const totals = new EntityTotals()
  for (let at = 0; at < saved.length; at += 2) {
    totals.restore(stores.texts.id(saved[at] as string), saved[at + 1] as number[])
  }
  return totals
}
