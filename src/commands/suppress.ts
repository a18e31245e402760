import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { Document, isSeq, parseDocument } from 'yaml'
import type { Alert } from '../alerts/alert.js'
import { MOST_SUPPRESSIONS, type Suppression, suppressionsSchema } from '../alerts/suppression.js'
import { sanitise } from '../alerts/template.js'
import { loadSuppressions } from '../config/suppressions.js'
import { findAlert } from './alert-file.js'
import { type Io, print, UsageError } from './io.js'

interface SuppressFlags {
  readonly alert: string
  readonly alerts: string
  readonly why: string
  readonly until: string
  readonly out: string
  readonly json?: boolean
}

/** An entry as the file has it. */
interface Entry {
  readonly detection: string
  readonly agent: string
  readonly entity?: Alert['entity']
  readonly until: string
  readonly reason: string
}

const AFTER = `
Example:
  agentwarden replay logs --out alerts.ndjson
  agentwarden suppress --alert 3f9a0c --alerts alerts.ndjson --why "nightly backup, CHG-1042" --until 2027-01-31
  agentwarden replay logs --exceptions exceptions.yaml

Adds to the file an exception for this detection, this agent and this entity, and for nothing else: alerts about hours
that are over by --until are counted and not reported. 'replay', 'parity' and 'rules build' read the file with
--exceptions, 'run' by the setting 'exceptions'; all of them warn or tell when it has ended. The entry is the same as
one of 'suppressions' in the configuration of 'run'. If there is one for the same already, it gets the new end and
reason. Severity high is never held back: lower it by an override first, if that is what is meant.
Exit code: 0 written, 1 failed, 2 wrong usage.`

/** `agentwarden suppress`: an exception for what is normal in one's own tenant. */
export function suppressCommand(io: Io): Command {
  return new Command('suppress')
    .description('write a narrow exception that ends, for an alert that is known to be harmless')
    .requiredOption('--alert <id>', 'id of the alert; its first six characters are enough')
    .requiredOption('--alerts <file>', 'where it stands, NDJSON as replay --out writes it')
    .requiredOption('--why <text>', 'the reason, for whoever reads the exception later')
    .requiredOption('--until <date>', 'when it ends: 2027-01-31, or with a time 2027-01-31T18:00:00Z')
    .option('--out <file>', 'the file that it is added to', 'exceptions.yaml')
    .option('--json', 'print the entry as JSON')
    .addHelpText('after', AFTER)
    .action(async (flags: SuppressFlags) => suppress(io, flags))
}

async function suppress(io: Io, flags: SuppressFlags): Promise<void> {
  const alert = await findAlert(flags.alerts, flags.alert)
  const entry = entryOf(alert, flags)
  checkEntry(entry, alert, io.now())
  const text = existsSync(flags.out) ? await readFile(flags.out, 'utf8') : ''
  const known = text === '' ? [] : await loadSuppressions(flags.out)
  const same = known.findIndex((one) => isSame(one, entry))
  if (same < 0 && known.length >= MOST_SUPPRESSIONS)
    throw new UsageError(`${flags.out} has ${MOST_SUPPRESSIONS} exceptions, which is as many as it may have`)
  await writeFile(flags.out, withEntry(text, entry, alert, same))
  await print(io.stdout, flags.json ? JSON.stringify(entry) : new Document([entry]).toString().trimEnd())
  await print(io.stderr, `${same < 0 ? 'added to' : 'changed in'} ${flags.out}`)
}

function entryOf({ detection, agentId, entity }: Alert, { until, why }: SuppressFlags): Entry {
  const own = Object.keys(entity).length === 0 ? {} : { entity }
  return { detection, agent: agentId.toLowerCase(), ...own, until, reason: why.trim() }
}

function checkEntry(entry: Entry, { severity, agentId }: Alert, now: number): void {
  if (agentId === '') throw new UsageError('this alert is of no agent: an exception would hold back too much')
  if (severity === 'high') {
    throw new UsageError(
      `severity high is never held back: if ${entry.detection} is not that serious for you, say so by an override (severity: medium), and replay again`,
    )
  }
  const { data, error } = suppressionsSchema.safeParse([entry])
  const [issue] = error?.issues ?? []
  if (issue?.path[1] === 'until')
    throw new UsageError('--until reads like 2027-01-31 or 2027-01-31T18:00:00Z')
  if (issue) throw new UsageError(issue.path[1] === 'reason' ? '--why is empty' : issue.message)
  if (data![0]!.until <= now) throw new UsageError(`--until ${entry.until} is over already`)
}

/** Whether two entries speak of the same, whatever their end. */
function isSame(one: Suppression, { detection, agent, entity }: Entry): boolean {
  const subject = (entry: Pick<Suppression, 'detection' | 'agent' | 'entity'>) =>
    JSON.stringify([entry.detection, entry.agent, Object.entries(entry.entity ?? {}).sort()])
  return subject(one) === subject({ detection, agent, entity })
}

/** The file's text with the entry in it; what else stands there, comments too, stays. */
function withEntry(text: string, entry: Entry, alert: Alert, same: number): string {
  const document = parseDocument(text === '' ? 'suppressions: []\n' : text)
  let list = document.get('suppressions')
  if (!isSeq(list)) {
    document.set('suppressions', document.createNode([]))
    list = document.get('suppressions')
  }
  if (!isSeq(list)) throw new Error('no list of suppressions')
  list.flow = false
  const node = document.createNode(entry)
  node.commentBefore = ` ${sanitise(alert.agentName ?? alert.agentId)}: ${sanitise(alert.reason)}`
  if (same < 0) list.add(node)
  else list.set(same, node)
  return document.toString({ lineWidth: 0 })
}
