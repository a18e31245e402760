import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Alert } from '../alerts/alert.js'
import type { Detection } from '../detections/detection.js'
import { loadDetections, PACK } from '../detections/load.js'
import { agentList } from '../profiles/entry.js'
import { profileOf } from '../profiles/profile.js'
import { listText, profileText } from '../profiles/text.js'
import { Replay } from '../replay/replay.js'
import { loadState, STATE_FILE } from '../replay/state.js'
import type { Agent } from '../scoring/memory.js'
import { agentOf, type SavedAgent, shortName } from '../scoring/saved-agent.js'
import { DEFAULT_LIMITS, Scorer, type ScorerPosition } from '../scoring/scorer.js'
import { resolveInputs } from '../sources/inputs.js'
import { StateLocked } from '../state/errors.js'
import * as keys from '../state/keys.js'
import { StateStore } from '../state/store.js'
import { EXCEPTIONS, exceptionsIn } from './exceptions.js'
import { type Io, print, UsageError } from './io.js'
import { type AgentFlags, agentsOption, identitiesOption, OVERRIDES, whose } from './options.js'
import { readInputs } from './read-inputs.js'

interface AgentsFlags extends AgentFlags {
  readonly state?: string
  readonly detections: string
  readonly overrides?: string
  readonly exceptions?: string
  readonly json?: boolean
  readonly quiet?: boolean
}

const AFTER = `
Examples:
  agentwarden agents list samples
  agentwarden agents list --state /var/lib/agentwarden
  agentwarden agents show invoice-agent --state baseline

Looks at log files, or at the state that 'run' or 'replay --state' has saved; give the same --detections and --overrides
as there, as what is remembered is found by them. The state of a daemon can't be read while the daemon runs.
Exit code: 0 done, 1 the state is damaged or in use, 2 wrong usage or no such agent.`

/** `agentwarden agents`: what is known of the agents, and their risk. */
export function agentsCommand(io: Io): Command {
  const command = new Command('agents')
    .description('the agents, their risk, and what is normal for each')
    .addHelpText('after', AFTER)
  options(command.command('list [input...]'))
    .description('all agents, those at the highest risk first')
    .action(async (patterns: string[], flags: AgentsFlags) => list(io, patterns, flags))
  options(command.command('show <agent> [input...]'))
    .description(
      'what is normal for an agent, given by its id or name: hours, values, volumes; its alerts and risk',
    )
    .action(async (agent: string, patterns: string[], flags: AgentsFlags) => show(io, agent, patterns, flags))
  return command
}

function options(command: Command): Command {
  return command
    .option('--state <dir>', "the state of 'run' or 'replay --state', instead of log files")
    .addOption(agentsOption())
    .addOption(identitiesOption())
    .option('--detections <dir>', 'detections by which is learnt', PACK)
    .option('--overrides <file>', OVERRIDES)
    .option('--exceptions <file>', EXCEPTIONS)
    .option('--json', 'as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', AFTER)
}

async function list(io: Io, patterns: string[], flags: AgentsFlags): Promise<void> {
  const agents = agentList(await scorerOf(io, patterns, flags))
  await print(io.stdout, flags.json ? JSON.stringify(agents, undefined, 2) : listText(agents))
}

async function show(io: Io, wanted: string, patterns: string[], flags: AgentsFlags): Promise<void> {
  const scorer = await scorerOf(io, patterns, flags)
  const profile = profileOf(scorer, agentNamed(scorer, wanted))
  await print(io.stdout, flags.json ? JSON.stringify(profile, undefined, 2) : profileText(profile))
}

/** By id, else by name; names need not be unique. */
function agentNamed(scorer: Scorer, wanted: string): Agent {
  const all = [...scorer.agents()]
  const byId = all.filter(({ id }) => id.toLowerCase() === wanted.toLowerCase())
  const [found, ...others] =
    byId.length > 0 ? byId : all.filter(({ name, rows }) => name === wanted && rows > 0)
  if (!found)
    throw new UsageError(`there is no agent ${wanted}: 'agentwarden agents list' names all ${all.length}`)
  if (others.length === 0) return found
  const ids = [found, ...others].map(({ tenantId, id }) => `${id} of tenant ${tenantId}`)
  throw new UsageError(`there are several agents ${wanted}: ${ids.slice(0, 10).join(', ')}`)
}

/** A scorer that remembers what the files or the state say. */
async function scorerOf(io: Io, patterns: string[], flags: AgentsFlags): Promise<Scorer> {
  const { state } = flags
  if ((state === undefined) === (patterns.length === 0))
    throw new UsageError('name log files, or a state with --state')
  const detections = await loadDetections(flags.detections, flags.overrides)
  if (state !== undefined && existsSync(join(state, 'current'))) return daemonScorer(state, detections)
  if (state !== undefined && !existsSync(join(state, STATE_FILE)))
    throw new UsageError(`there is no state in ${state}`)
  const suppressions = await exceptionsIn(io, flags.exceptions, detections)
  const run = new Replay(
    { detections, suppressions, now: io.now(), ...(await whose(flags)) },
    { alerts: () => {}, deadLetter: () => {} },
  )
  if (state !== undefined) await loadState(state, run)
  else await readInputs(io, await resolveInputs(patterns), run, flags.quiet === true)
  run.stream.scoreWaiting()
  run.stream.closeDue()
  for (const failure of run.failures) await print(io.stderr, `error: ${failure}`)
  return run.stream.scorer
}

/** @throws Error if a daemon uses the state, StateDamaged if it is damaged. */
async function daemonScorer(state: string, detections: readonly Detection[]): Promise<Scorer> {
  const scorer = new Scorer(detections, { ...DEFAULT_LIMITS, maxAgents: Number.POSITIVE_INFINITY })
  const store = new StateStore(state)
  try {
    await store.open((key, value) => restore(key, value, scorer))
  } catch (error) {
    if (!(error instanceof StateLocked)) throw error
    const message = `${error.message}: stop the daemon first, or look at a copy of the directory made while it was stopped`
    throw new Error(message, { cause: error })
  }
  await store.close()
  return scorer
}

function restore(key: string, value: unknown, scorer: Scorer): void {
  if (key === keys.HEAD) scorer.resume((value as { scorer: ScorerPosition }).scorer)
  else if (key.startsWith(keys.AGENTS))
    scorer.restore(agentOf(value as SavedAgent, scorer.remembered(), shortName))
  else if (key.startsWith(keys.ALERTS)) {
    const { key: name, hour, alert } = value as { key: string; hour: number; alert: Alert }
    scorer.book.restore(name, hour, alert)
  }
}
