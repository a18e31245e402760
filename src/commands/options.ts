import { InvalidArgumentError, Option } from 'commander'
import { POPULATIONS, type Population } from '../agents/inventory.js'
import { loadInventory } from '../agents/load.js'
import { parseTime } from '../records/time.js'
import type { ReplayOptions } from '../replay/replay.js'

/** What `--overrides` means, wherever detections are loaded. */
export const OVERRIDES = 'what is to be different in the detections, YAML: see docs/tuning.md'

/** `--json`, where a format that programs read is one of several. */
export function jsonOption(format: string): Option {
  return new Option('--json', `the same as --format ${format}`).implies({ format })
}

/** Flags that say whose behaviour is learnt. */
export interface AgentFlags {
  readonly agents?: string
  readonly identities?: Population
}

/** `--agents`. */
export function agentsOption(): Option {
  return new Option('--agents <file>', 'inventory of agents, YAML or CSV')
}

/** `--identities`. */
export function identitiesOption(description = 'whose behaviour is learnt, as for replay'): Option {
  return new Option('--identities <which>', description).choices(POPULATIONS)
}

/** Whose behaviour is learnt, as a replay takes it. @throws ProblemsError for what is wrong in the inventory. */
export async function whose({
  agents,
  identities,
}: AgentFlags): Promise<Pick<ReplayOptions, 'inventory' | 'population'>> {
  return {
    ...(agents === undefined ? {} : { inventory: await loadInventory(agents) }),
    ...(identities === undefined ? {} : { population: identities }),
  }
}

/** A time on the command line, in milliseconds since 1970. */
export function timeArgument(text: string): number {
  const time = parseTime(text)
  if (time === undefined)
    throw new InvalidArgumentError('a time reads like 2026-11-20 or 2026-11-20T03:00:00Z')
  return time
}

/** Takes whole numbers of a range on the command line. */
export function wholeArgument(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most)) throw new InvalidArgumentError(`must be from ${least} to ${most}`)
    return value
  }
}
