import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import type { TokenCredential } from '@azure/identity'
import { Command, Option } from 'commander'
import { loadInventory } from '../agents/load.js'
import { sanitise } from '../alerts/template.js'
import { AUTHENTICATIONS, identityNamed } from '../azure/named-identity.js'
import { type Change, mergedInventory } from '../directory/merge.js'
import { Directory, type DirectoryAgent, type Included } from '../directory/read.js'
import { GRAPH, GraphClient } from '../graph/client.js'
import { GraphReader, PATIENT, type Patience } from '../graph/pages.js'
import { type Io, print, UsageError } from './io.js'
import { progressBar } from './progress.js'

interface PullFlags {
  readonly out: string
  readonly auth: string
  readonly clientId?: string
  readonly endpoint: string
  readonly include: Included
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

/** What tests put in the place of the world outside. */
export interface DirectoryWorld {
  readonly credential?: TokenCredential
  readonly ca?: string
  readonly patience?: Patience
}

/** Milliseconds that one call may take, and agents that are read at the same time. */
const TIMEOUT = 60_000
const AT_ONCE = 4

const AFTER = `
Examples:
  az login && agentwarden inventory pull --auth azure-cli --out agents.yaml --dry-run
  agentwarden inventory pull --auth managed-identity --include workloads --out agents.yaml

Reads agent identities and blueprints, and the service principals that the file lists (--include workloads: all of the
tenant's own service principals and managed identities): owners, sponsors, tags, credentials (never a secret), granted
permissions. They go under 'entra' of each entry, which each pull writes anew; app_id, name, owner and sponsor are filled
in where they are missing. Everything else in the file, comments and order too, stays as it is. Entries that are no
service principals in Entra are told and kept.
Needs the permissions Application.Read.All and Directory.Read.All of Microsoft Graph, for a person the role Directory
Readers. Exit code: 0 done, 1 failed and nothing written, 2 wrong usage or a wrong inventory.`

/** `agentwarden inventory`: the inventory of agents, and what Entra knows of them. */
export function inventoryCommand(io: Io, _exit: (code: number) => void, world: DirectoryWorld = {}): Command {
  const command = new Command('inventory').description('keep the inventory of agents')
  command
    .command('pull')
    .description('bring what Entra says of agents into the inventory')
    .requiredOption('--out <file>', 'the inventory, YAML; made if there is none')
    .addOption(new Option('--auth <identity>', 'who asks').choices(AUTHENTICATIONS).makeOptionMandatory())
    .option('--client-id <id>', 'client id of that identity, where there are several')
    .option('--endpoint <url>', 'Microsoft Graph; differs in national clouds', GRAPH)
    .addOption(
      new Option('--include <which>', 'agents of Entra Agent ID only, or all workloads too')
        .choices(['agents', 'workloads'])
        .default('agents'),
    )
    .option('--dry-run', 'say what would change, and write nothing')
    .option('--json', 'print the changes as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', AFTER)
    .action(async (flags: PullFlags) => pull(io, flags, world))
  return command
}

async function pull(io: Io, flags: PullFlags, world: DirectoryWorld): Promise<void> {
  const { out } = flags
  if (/\.csv$/i.test(out)) throw new UsageError('what Entra says does not fit into CSV: name a YAML file')
  const text = existsSync(out) ? await readFile(out, 'utf8') : ''
  const entries = text.trim() === '' ? [] : (await loadInventory(out)).entries
  const agents = await read(
    io,
    flags,
    world,
    entries.map(({ id }) => id),
  )
  const merged = mergedInventory(text, entries, agents)
  if (!flags.dryRun && merged.text !== text) await replace(out, merged.text)
  await print(
    io.stdout,
    flags.json ? JSON.stringify(merged.changes, undefined, 2) : changesText(merged.changes),
  )
  await print(io.stderr, summary(agents, merged.changes, flags))
}

async function read(
  io: Io,
  flags: PullFlags,
  world: DirectoryWorld,
  listed: readonly string[],
): Promise<DirectoryAgent[]> {
  // When one agent fails for good, the others are not waited for: their pauses may last minutes.
  const over = new AbortController()
  const reader = new GraphReader(connect(flags, world), over.signal, world.patience ?? PATIENT)
  const directory = new Directory(reader)
  const candidates = await directory.candidates(flags.include, listed)
  const progress = progressBar(io, candidates.length, flags.quiet === true)
  const agents: DirectoryAgent[] = []
  const waiting = [...candidates]
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const agent = await directory.details(next)
      if (agent) agents.push(agent)
      progress.update(candidates.length - waiting.length, next.principal.displayName ?? next.principal.id)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  } finally {
    waiting.length = 0
    over.abort()
    progress.stop()
  }
  return agents
}

function connect({ auth, clientId, endpoint }: PullFlags, world: DirectoryWorld): GraphClient {
  if (!URL.canParse(endpoint)) throw new UsageError(`--endpoint reads like ${GRAPH}`)
  const credential = world.credential ?? identityNamed(auth, clientId)
  return new GraphClient({ endpoint, credential, timeout: TIMEOUT, ca: world.ca })
}

/** Writes a file so that a crash leaves the old or the new one, never a part. */
async function replace(path: string, text: string): Promise<void> {
  const next = `${path}.new`
  await writeFile(next, text)
  await rename(next, path)
}

const SIGNS = { added: '+', changed: '~', absent: '?' } as const

function changesText(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nothing changes.'
  return changes.map(changeText).join('\n')
}

function changeText({ what, id, name, details }: Change): string {
  const head = `${SIGNS[what]} ${name === undefined ? id : `${sanitise(name)} (${id})`}`
  if (what === 'absent') return `${head}: no service principal in Entra; left as it is`
  return [head, ...details.map((one) => `    ${sanitise(one, 500)}`)].join('\n')
}

function summary(
  agents: readonly DirectoryAgent[],
  changes: readonly Change[],
  { dryRun, out }: PullFlags,
): string {
  const count = (what: Change['what']) => changes.filter((change) => change.what === what).length
  const said = `${agents.length} agents in Entra: ${count('added')} added, ${count('changed')} changed, ${count('absent')} listed ones not found`
  return dryRun ? `${said}; nothing written` : `${said}; ${out}`
}
