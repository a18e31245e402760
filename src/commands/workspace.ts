import type { TokenCredential } from '@azure/identity'
import { type Command, Option } from 'commander'
import { sanitise } from '../alerts/template.js'
import { AUTHENTICATIONS, identityNamed } from '../azure/named-identity.js'
import { HOUR_MS } from '../records/time.js'
import { views } from '../views/index.js'
import { type Period, PUBLIC_ENDPOINT, Workspace } from '../workspace/client.js'
import { type Io, UsageError } from './io.js'

/** Flags that say which workspace is asked, and as whom. */
export interface WorkspaceFlags {
  readonly workspace: string
  readonly auth?: string
  readonly clientId?: string
  readonly endpoint: string
  readonly audience?: string
}

/** Makes the client of a workspace; tests bring their own identity. */
export type Connect = (flags: WorkspaceFlags, io: Io) => Workspace

/** Adds the flags of a workspace that is asked. */
export function addWorkspaceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--auth <identity>', 'who asks; it needs the role Log Analytics Reader').choices(
        AUTHENTICATIONS,
      ),
    )
    .option('--client-id <id>', 'client id of that identity, where there are several')
    .option('--endpoint <url>', 'where the queries go; other clouds have their own', PUBLIC_ENDPOINT)
    .option('--audience <url>', 'whom tokens are for. Default: the endpoint')
}

/** @throws UsageError for a flag that is missing, or a workspace or endpoint that can't be one */
export const connectWorkspace: Connect = (flags, io) => {
  const { workspace: id, auth, clientId, audience } = flags
  if (auth === undefined) throw new UsageError(`who asks? --auth takes ${AUTHENTICATIONS.join(', ')}`)
  return new Workspace({
    id: checkedId(id),
    credential: credentialFor(auth, clientId),
    endpoint: checkedEndpoint(flags.endpoint),
    audience,
    now: io.now,
  })
}

/** @throws UsageError if that identity is not set up here */
function credentialFor(auth: string, clientId: string | undefined): TokenCredential {
  try {
    return identityNamed(auth, clientId)
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
}

/**
 * The last hours by whose end nearly all rows are in the workspace, or those until a time.
 * @throws UsageError for a time that is no full hour, or lies ahead
 */
export function lastHours(hours: number, until: number | undefined, now: number): Period {
  const delay = Math.max(...Array.from(views.values(), (view) => view.delay)) * 60_000
  const to = until ?? Math.floor((now - delay) / HOUR_MS) * HOUR_MS
  if (to % HOUR_MS !== 0 || to > now) throw new UsageError('--until must be a full hour that is over')
  return { from: to - hours * HOUR_MS, to }
}

/** What a workspace warned of, for people. Text from outside must not steer a terminal. */
export function warningLines(warnings: ReadonlySet<string>): string[] {
  if (warnings.size === 0) return []
  const said = Array.from(warnings, (one) => `  ${sanitise(one, MOST_TEXT)}`)
  return ['The workspace warned, mostly of tables that it has not:', ...said]
}

const MOST_TEXT = 300

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function checkedId(id: string): string {
  if (GUID.test(id)) return id
  throw new UsageError(
    `--workspace takes the workspace's id, a GUID, got ${id}: the portal shows it as Workspace ID`,
  )
}

/** A token must not go out unencrypted. */
function checkedEndpoint(endpoint: string): string {
  if (URL.canParse(endpoint) && new URL(endpoint).protocol === 'https:') return endpoint
  throw new UsageError(`--endpoint must be an address that begins with https://, got ${endpoint}`)
}
