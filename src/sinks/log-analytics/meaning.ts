/** What the statuses of the Logs Ingestion API mean, and what to do. */
const MEANINGS: ReadonlyMap<number, string> = new Map([
  [400, 'the rule has no such stream, or its columns are not those of the table: see deploy/tables'],
  [401, 'the token is not accepted: is the endpoint in the cloud that `audience` names?'],
  [
    403,
    'the identity lacks the role Monitoring Metrics Publisher on the data collection rule (a new role takes up to 30 minutes)',
  ],
  [
    404,
    'there is no such data collection rule at this endpoint: was it removed, or is `rule_id` of another?',
  ],
  [429, 'the rule has reached its limit of calls or bytes a minute'],
])

/** What is wrong, in one line: what the status means, then what the service said. */
export function meaningOf(status: number | undefined, said: string): string {
  if (status === undefined) return said
  const meaning = MEANINGS.get(status)
  return meaning === undefined ? `the service answered ${status}: ${said}` : `${meaning}: ${said}`
}
