import { z } from 'zod'
import { type Suppression, suppressionsSchema } from '../alerts/suppression.js'
import { byPlace, type FileProblem, ProblemsError, readText, YamlFile } from './yaml.js'

const fileSchema = z.strictObject({ suppressions: suppressionsSchema })

/** An entry of a file of exceptions, with where it stands. */
export interface ListedSuppression extends Suppression {
  readonly place: Omit<FileProblem, 'message'>
}

/**
 * Reads a file of exceptions: `suppressions:`, the same entries as in the configuration of the daemon.
 * @throws ProblemsError with every problem, each with its line and column.
 */
export async function loadSuppressions(file: string): Promise<readonly ListedSuppression[]> {
  const yaml = new YamlFile(file, await readText(file))
  const checked = yaml.check(fileSchema)
  if (!checked) throw new ProblemsError([...yaml.problems].sort(byPlace))
  return checked.suppressions.map((entry, index) => ({
    ...entry,
    place: { file, ...yaml.place(['suppressions', index]) },
  }))
}
