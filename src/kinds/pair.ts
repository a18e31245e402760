import { defineKind } from '../scoring/kind.js'
import { entityColumns, everyRowText, judgeEveryRow, parameters } from './match.js'

/**
 * A row that has the companion which `after` describes, or lacks the one which `unless` does. What a companion is
 * stands in `scoring/companions.ts` and `kql/companions.ts`, since `new_value` may ask for one as well.
 *
 * Stream: O(companions with equal values) a row; remembers the companions, and for two hours rows that lack one.
 */
export const kind = defineKind<typeof parameters>({
  name: 'pair',
  summary: 'a row has, or lacks, another row of its agent before it',
  parameters,
  columns: entityColumns,
  companions: 'needed',
  placeholders: [],
  observes: 'long',
  kql: (p, scope) => ({ entity: p.entity, text: everyRowText(p, scope, scope.judged) }),
  prepare: judgeEveryRow,
})
