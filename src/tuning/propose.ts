import type { Outcome } from './sweep.js'

/** A detection's outcomes: as it is, and at other values. */
export interface Swept {
  readonly detection: string
  readonly now: Outcome
  readonly others: readonly Outcome[]
}

/** What is measured against labels. */
export interface Quality {
  /** Share of the attacks that any tried value of the detection caught; nothing where none did. */
  readonly recall: number | undefined
  /** Share of the alerts that belong to an attack; nothing without alerts. */
  readonly precision: number | undefined
}

/** Outcomes by detection, in the order in which they come. */
export function byDetection(outcomes: readonly Outcome[]): Swept[] {
  const ids = [...new Set(outcomes.map(({ of }) => of))]
  return ids.map((detection) => {
    const own = outcomes.filter(({ of }) => of === detection)
    const others = own.filter(({ parameter }) => parameter !== undefined)
    return { detection, now: own.find(({ parameter }) => parameter === undefined)!, others }
  })
}

/** The labels that the detection caught at any value. */
function reachable({ now, others }: Swept): number {
  return new Set([now, ...others].flatMap(({ caught }) => [...caught])).size
}

export function qualityOf(swept: Swept, { caught, alerts, unexplained }: Outcome): Quality {
  const all = reachable(swept)
  return {
    recall: all === 0 ? undefined : caught.size / all,
    precision: alerts === 0 ? undefined : (alerts - unexplained) / alerts,
  }
}

/**
 * Area under the precision-recall curve of one parameter, as average precision: each gain in recall counts with the
 * best precision at which it is had. Nothing where no value catches anything.
 */
export function areaOf(swept: Swept, parameter: string): number | undefined {
  const own = [swept.now, ...swept.others.filter((one) => one.parameter === parameter)]
  const points = own
    .map((one) => qualityOf(swept, one))
    .filter(
      (one): one is { recall: number; precision: number } =>
        one.recall !== undefined && one.precision !== undefined,
    )
  if (points.every(({ recall }) => recall === 0)) return undefined
  const recalls = [...new Set(points.map(({ recall }) => recall))].sort((a, b) => a - b)
  const best = (least: number) =>
    Math.max(...points.filter(({ recall }) => recall >= least).map((one) => one.precision))
  return recalls.reduce(
    (area, recall, index) => area + (recall - (recalls[index - 1] ?? 0)) * best(recall),
    0,
  )
}

/** A change from what is chosen to something that raises less. */
interface Change {
  readonly detection: string
  readonly to: Outcome
  readonly saved: number
}

/**
 * Proposes at most one value a detection. With labels first whatever saves false alerts and loses no attack. Then,
 * while all detections together raise more a day than the budget allows, the smallest change that is enough, or else
 * the largest. Never one that loses a labelled attack, nor one that silences a detection: who wants that should say so.
 */
export function propose(
  all: readonly Swept[],
  { budget, labelled }: { readonly budget: number | undefined; readonly labelled: boolean },
): ReadonlyMap<string, Outcome> {
  const chosen = new Map<string, Outcome>()
  const perDay = (one: Swept) => (chosen.get(one.detection) ?? one.now).perDay
  if (labelled) for (const one of all) choose(chosen, one, savingOf(one))
  while (budget !== undefined) {
    const excess = all.reduce((sum, one) => sum + perDay(one), 0) - budget
    const best =
      excess > 0
        ? bestOf(
            all.flatMap((one) => changesOf(one, perDay(one))),
            excess,
          )
        : undefined
    if (best === undefined) break
    chosen.set(best.detection, best.to)
  }
  return chosen
}

function changesOf({ detection, now, others }: Swept, perDay: number): Change[] {
  return others
    .filter((to) => to.perDay > 0 && to.perDay < perDay && lostBy(now, to) === 0)
    .map((to) => ({ detection, to, saved: perDay - to.perDay }))
}

function bestOf(changes: readonly Change[], excess: number): Change | undefined {
  const enough = changes.filter(({ saved }) => saved >= excess)
  const order = (a: Change, b: Change) => (enough.length > 0 ? a.saved - b.saved : b.saved - a.saved)
  return (enough.length > 0 ? enough : changes).toSorted(order)[0]
}

function choose(chosen: Map<string, Outcome>, { detection }: Swept, outcome: Outcome | undefined): void {
  if (outcome) chosen.set(detection, outcome)
}

/** How many of the attacks that are caught now a change would miss. */
function lostBy(now: Outcome, to: Outcome): number {
  return [...now.caught].filter((label) => !to.caught.has(label)).length
}

/** The value that saves most false alerts and loses no attack; nothing where the detection caught none. */
function savingOf({ now, others }: Swept): Outcome | undefined {
  if (now.caught.size === 0) return undefined
  return others
    .filter((one) => one.unexplained < now.unexplained && lostBy(now, one) === 0)
    .sort((a, b) => a.unexplained - b.unexplained || b.alerts - a.alerts)[0]
}
