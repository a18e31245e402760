import type { EngineStatus } from './status.js'

/** What is asked by those who restart, or send traffic: whether, and why not. */
export interface Verdict {
  readonly ok: boolean
  readonly reasons: readonly string[]
}

/**
 * Whether the process does what it is there for: false when nothing is scored for a time although there is something
 * to score. An empty hub, a broker that is away, a full disk and a full outbox are not healed by a restart.
 *
 * @param stuckFor milliseconds for which nothing was scored although something waits @param limit how many are too many
 */
export function isHealthy({ waitingFor }: EngineStatus, stuckFor: number, limit: number): Verdict {
  const stuck = stuckFor >= limit && waitingFor === undefined
  return verdict(
    stuck ? [`nothing was scored for ${Math.round(stuckFor / 1000)} s although something waits`] : [],
  )
}

/** Whether everything works: the state is restored and can be saved, every source is connected. */
export function isReady(
  { waitingFor, state, connections }: EngineStatus,
  sources: readonly string[],
): Verdict {
  const away = sources.filter((name) => connections.get(name)?.up !== true)
  return verdict([
    ...(waitingFor === undefined ? [] : [`waiting for ${waitingFor}`]),
    ...(state.failure === undefined ? [] : [`the state is not saved: ${state.failure}`]),
    ...away.map((name) => `${name} is not connected: ${connections.get(name)?.detail ?? 'it has not begun'}`),
  ])
}

function verdict(reasons: readonly string[]): Verdict {
  return { ok: reasons.length === 0, reasons }
}
