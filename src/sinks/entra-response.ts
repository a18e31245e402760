import type { TokenCredential } from '@azure/identity'
import { z } from 'zod'
import { SEVERITIES } from '../alerts/alert.js'
import { credentialOf, identitySetting } from '../azure/identity.js'
import { durationSetting } from '../config/duration.js'
import { defineSink, type Surroundings } from '../daemon/kind.js'
import { type OutgoingAlert, Refused, type Sink } from '../daemon/sink.js'
import { GRAPH, GraphClient, GraphError } from '../graph/client.js'
import { ACTION_NAMES, actionOf } from '../response/actions.js'
import { Ledger, type Outcome } from '../response/ledger.js'
import { decide, type ResponsePolicy, type ResponseRule, ruleFor } from '../response/policy.js'
import { backoff, pause } from '../waiting.js'

const guid = z.guid('an agent is named by its object id').toLowerCase()

const ruleSchema = z.strictObject({
  detections: z
    .array(z.string().min(1))
    .min(1)
    .describe('Ids of the detections on whose alerts something is done.'),
  severity: z.enum(SEVERITIES).default('high').describe('Least severity of the alert.'),
  action: z
    .enum(ACTION_NAMES as [(typeof ACTION_NAMES)[0], ...typeof ACTION_NAMES])
    .describe('What is done: see docs/response.md for the permission that each one needs.'),
})

const settings = z.object({
  act: z
    .boolean()
    .default(false)
    .describe(
      'Whether anything is really done. Otherwise what would be done is written to the audit file only.',
    ),
  agents: z
    .array(guid)
    .min(1)
    .max(10_000)
    .describe('Object ids of the agents that something may be done about. Of no other.'),
  rules: z.array(ruleSchema).min(1).describe('On which alerts what is done; the first that fits counts.'),
  most_per_hour: z.int().min(1).max(100).default(3).describe('Most acts within an hour, over restarts too.'),
  max_age: durationSetting('1m', '7d')
    .prefault('6h')
    .describe('Longest time since the event: what comes later, as after an outage, is left to people.'),
  audit: z.string().min(1).describe('File that every act and every refusal is added to, NDJSON.'),
  authentication: identitySetting,
  endpoint: z
    .url({ protocol: /^https$/ })
    .default(GRAPH)
    .describe('Microsoft Graph; differs in national clouds.'),
  timeout: durationSetting('1s', '1m').prefault('20s').describe('How long a call may take in all.'),
})

type Settings = z.output<typeof settings>

/** What tests put in the place of the world outside. */
export interface ResponseWorld {
  readonly credential?: TokenCredential
  readonly ca?: string
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Milliseconds that the first pause between attempts lasts at most. */
  readonly firstPause?: number
}

/** Attempts of one act, and the longest pause between two of them, in milliseconds. */
const ATTEMPTS = 3
const LONGEST_PAUSE = 30_000

/** Acts in Entra. */
export const sink = defineSink({
  kind: 'entra-response',
  settings,
  open: (name, chosen, around) => new EntraResponse(name, chosen, around),
  detections: ({ rules }) => rules.flatMap(({ detections }) => detections),
})

/**
 * Does something about agents in Entra, when told to. It holds up no alert: what fails after a few attempts is written
 * down as failed, and what can't be written down is not done and becomes a dead letter.
 */
export class EntraResponse implements Sink {
  readonly name: string
  readonly batch = 20
  readonly #around: Surroundings
  readonly #policy: ResponsePolicy
  readonly #ledger: Ledger
  readonly #graph: GraphClient
  readonly #now: () => number
  readonly #firstPause: number

  /** @throws Error for an endpoint that can't be used. */
  constructor(name: string, chosen: Settings, around: Surroundings, world: ResponseWorld = {}) {
    this.name = name
    this.#around = around
    this.#policy = policyOf(chosen)
    this.#ledger = new Ledger(chosen.audit, chosen.max_age)
    this.#now = world.now ?? Date.now
    this.#firstPause = world.firstPause ?? 1_000
    const { endpoint, timeout, authentication } = chosen
    const credential = world.credential ?? credentialOf(authentication)
    this.#graph = new GraphClient({ endpoint, timeout, credential, ca: world.ca })
  }

  async deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void> {
    for (const alert of alerts) {
      const rule = ruleFor(alert, this.#policy.rules)
      if (rule) await this.#respond(alert, rule, signal)
    }
  }

  /** Gets a token and reads the audit file; does nothing. */
  async check(): Promise<void> {
    await this.#ledger.load(this.#now())
    await this.#graph.token(AbortSignal.timeout(LONGEST_PAUSE))
  }

  async close(): Promise<void> {}

  async #respond(alert: OutgoingAlert, rule: ResponseRule, signal: AbortSignal): Promise<void> {
    await this.#audited(alert, () => this.#ledger.load(this.#now()))
    if (this.#ledger.knows(alert.id)) return
    const decision = decide(alert, rule, this.#policy, this.#ledger, this.#now())
    if (decision.kind === 'act') return this.#act(alert, rule, signal)
    const why = decision.kind === 'refused' ? { reason: decision.reason } : {}
    await this.#note(alert, rule, decision.kind, why)
  }

  async #act(alert: OutgoingAlert, rule: ResponseRule, signal: AbortSignal): Promise<void> {
    await this.#note(alert, rule, 'begun')
    try {
      await this.#call(alert, rule, signal)
    } catch (error) {
      // Called off, not failed: it is begun anew after the restart.
      signal.throwIfAborted()
      const { message } = error as Error
      return this.#note(alert, rule, 'failed', { reason: message })
    }
    await this.#note(alert, rule, 'done')
  }

  async #call({ agentId }: OutgoingAlert, rule: ResponseRule, signal: AbortSignal): Promise<void> {
    const { method, path, body } = actionOf(rule.action)
    const id = agentId.toLowerCase()
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#graph.call(method, path(id), body(id), signal)
        return
      } catch (error) {
        const passing = error instanceof GraphError && error.passing
        if (!passing || attempt >= ATTEMPTS) throw error
        const wanted = error.after ?? backoff(attempt, this.#firstPause, LONGEST_PAUSE)
        await pause(Math.min(wanted, LONGEST_PAUSE), signal)
      }
    }
  }

  /** Writes down what becomes of an alert; in the log and the metrics too. */
  async #note(
    alert: OutgoingAlert,
    { action }: ResponseRule,
    outcome: Outcome,
    more: { readonly reason?: string } = {},
  ): Promise<void> {
    const { method, path } = actionOf(action)
    const { id, detection, severity, tenantId, agentId, agentName } = alert
    const said = { alert: id, detection, severity, tenantId, agentId, agentName, action, ...more }
    const call = `${method} ${this.#graph.origin}${path(agentId.toLowerCase())}`
    const request = outcome === 'refused' ? {} : { request: call }
    const at = new Date(this.#now()).toISOString()
    await this.#audited(alert, () => this.#ledger.add({ at, outcome, ...said, ...request, sink: this.name }))
    this.#around.count(`response_${outcome.replace('-', '_')}`)
    this.#around.log.warn({ outcome, ...said }, 'response')
  }

  /** @throws Refused if the audit file can't be used: nothing is done that is not written down. */
  async #audited(alert: OutgoingAlert, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      const message = `the audit file cannot be used: ${(cause as Error).message}`
      throw new Refused(new Set([alert.id]), message, { cause })
    }
  }
}

function policyOf({ act, agents, rules, most_per_hour, max_age }: Settings): ResponsePolicy {
  return { act, agents: new Set(agents), rules, mostPerHour: most_per_hour, maxAge: max_age }
}
