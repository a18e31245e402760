import type { PlatformFinding } from '../alerts/platform.js'
import { durationText } from '../records/duration.js'
import type { Expectation } from './heartbeat.js'

/** For how long something was silent, in milliseconds, and what was expected of it. */
export interface Silent {
  readonly silence: number
  readonly expected: Expectation
}

/** Disable or modify cloud logs. */
const LOGS_DISABLED = { tactics: ['DefenseEvasion'], techniques: ['T1562.008'] }

function silenceFinding(
  said: Pick<PlatformFinding, 'detection' | 'title' | 'severity' | 'entity'>,
  who: string,
  { silence, expected }: Silent,
  hint: string,
): PlatformFinding {
  const seconds = Math.round(silence / 1000)
  const usual = durationText(1000 * Math.round(expected.interval / 1000))
  return {
    ...said,
    observed: seconds,
    expected: { interval_seconds: Math.round(expected.interval / 1000), basis: expected.basis },
    reason: `${who} has brought nothing for ${durationText(1000 * seconds)}, although something is expected every ${usual} (${expected.basis}); agentwarden is connected and has read all there is. ${hint}`,
    mitre: LOGS_DISABLED,
  }
}

export function hubFinding(source: string, silent: Silent): PlatformFinding {
  const said = { detection: 'hub-silent', title: 'A source of logs went silent', severity: 'high' } as const
  const hint = 'Look whether the diagnostic setting still sends to it.'
  return silenceFinding({ ...said, entity: { source } }, `The source ${source}`, silent, hint)
}

export function partitionFinding(source: string, partition: string, silent: Silent): PlatformFinding {
  const said = {
    detection: 'partition-silent',
    title: 'A partition went silent',
    severity: 'medium',
  } as const
  const hint = 'Others of its source still bring messages.'
  return silenceFinding(
    { ...said, entity: { source, partition } },
    `The partition ${partition}`,
    silent,
    hint,
  )
}

export function categoryFinding(category: string, silent: Silent): PlatformFinding {
  const said = {
    detection: 'category-silent',
    title: 'A category of logs went silent',
    severity: 'high',
  } as const
  const hint = 'Look whether the diagnostic setting still has this category.'
  return silenceFinding({ ...said, entity: { category } }, `The category ${category}`, silent, hint)
}

export function canaryFinding(canary: string, silent: Silent): PlatformFinding {
  const said = { detection: 'canary-missed', title: 'A canary was not heard', severity: 'high' } as const
  const hint = 'Look whether it still signs in, and whether its logs arrive.'
  return silenceFinding({ ...said, entity: { canary } }, `The canary ${canary}`, silent, hint)
}

export function stuckFinding(source: string, time: number, behind: number): PlatformFinding {
  return {
    detection: 'consumer-stuck',
    title: 'Nothing is read although there is something to read',
    severity: 'high',
    entity: { source },
    observed: Math.round(time / 1000),
    expected: { waiting: behind },
    reason: `For ${durationText(1000 * Math.round(time / 1000))} nothing of the source ${source} was scored, although ${behind} messages wait: agentwarden is stuck, the hub is not empty`,
  }
}

export function awayFinding(source: string, time: number): PlatformFinding {
  return {
    detection: 'source-unreachable',
    title: 'A source of logs cannot be reached',
    severity: 'high',
    entity: { source },
    observed: Math.round(time / 1000),
    expected: { connected: 'always' },
    reason: `The source ${source} could not be reached for ${durationText(1000 * Math.round(time / 1000))}: what agents do now is not judged before it is back`,
  }
}
