import { expandOperators } from './expand.js'
import { joinOperators } from './join.js'
import type { Operator } from './operator.js'
import { orderOperators } from './order.js'
import { projectOperators } from './project.js'
import { seriesOperators } from './series.js'
import { sourceOperators } from './sources.js'
import { aggregateOperators } from './summarize.js'
import { unionOperators } from './union.js'
import { whereOperators } from './where.js'

/** Every tabular operator, by the kind of its node. */
export const operators: Readonly<Record<string, Operator>> = {
  ...aggregateOperators,
  ...expandOperators,
  ...joinOperators,
  ...orderOperators,
  ...projectOperators,
  ...seriesOperators,
  ...sourceOperators,
  ...unionOperators,
  ...whereOperators,
}
