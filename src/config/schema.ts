import { z } from 'zod'
import { POPULATIONS } from '../agents/inventory.js'
import { suppressionsSchema } from '../alerts/suppression.js'
import type { SinkKind, SourceKind } from '../daemon/kind.js'
import { limitsSchema } from '../daemon/limits.js'
import { durationSetting } from './duration.js'
import type { Registry } from './registry.js'

const path = z.string().min(1)

/** A group of settings that may be left out as a whole. */
function group<Shape extends z.ZodRawShape>(shape: Shape, description: string) {
  return z
    .strictObject(shape)
    .prefault({} as never)
    .describe(description)
}

const stateSchema = group(
  {
    directory: path
      .default('./state')
      .describe('Where everything is kept that must survive a restart. One daemon per directory.'),
    save_every: durationSetting('100ms', '5m')
      .prefault('5s')
      .describe('Longest time between two saves. New alerts bring the next save forward.'),
  },
  'What is kept on disk.',
)

const serverSchema = group(
  {
    enabled: z.boolean().default(true).describe('Whether to serve /metrics, /healthz and /readyz.'),
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('Address to listen on. Anybody who reaches it can read the metrics: there is no login.'),
    port: z.int().min(0).max(65_535).default(9464).describe('Port to listen on; 0 for any free one.'),
  },
  'Metrics and health over HTTP.',
)

const boundsSchema = group(
  {
    agents: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(200_000)
      .describe('Most agents that are remembered; the rows of others are judged by match detections only.'),
    values: z.int().min(1).max(100_000).default(1_000).describe('Most values in one set of one agent.'),
    texts: z
      .int()
      .min(1_000)
      .max(100_000_000)
      .default(5_000_000)
      .describe('Most different texts that are remembered of all agents together.'),
    open_alerts: z.int().min(1).max(10_000_000).default(100_000).describe('Most alerts open at a time.'),
    events: z
      .int()
      .min(1_000)
      .max(100_000_000)
      .default(4_000_000)
      .describe('Most events that are known by their ids, so that a second delivery is not counted again.'),
    queue: z
      .int()
      .min(1)
      .max(4_096)
      .default(64)
      .describe('Most megabytes of messages that wait to be scored; the sources wait when it is full.'),
  },
  'Limits on memory. What goes beyond one is counted in the metrics.',
)

const expected = durationSetting('1m', '30d')

export const silenceSchema = group(
  {
    enabled: z.boolean().default(true).describe('Whether silence is alerted.'),
    floor: durationSetting('10s', '7d')
      .prefault('30m')
      .describe('Shortest interval that is expected where it is learnt from the past.'),
    learn: durationSetting('1m', '14d')
      .prefault('1d')
      .describe('How long something is watched before its silence is judged by what was learnt.'),
    hub: expected.optional().describe('A source brings something at least this often; learnt otherwise.'),
    partition: expected
      .optional()
      .describe('Each partition brings something at least this often; learnt otherwise.'),
    categories: z
      .record(z.string().min(1), expected)
      .default({})
      .describe('By category of logs, how often it brings something at least; learnt otherwise.'),
    stuck: durationSetting('10s', '1d')
      .prefault('2m')
      .describe('How long nothing may be read although there is something to read, or a broker be away.'),
  },
  'When something that should bring records has stopped.',
)

const canarySchema = z
  .strictObject({
    agent: z.string().min(1).describe('Object id of a service principal that you let sign in on purpose.'),
    every: durationSetting('1m', '7d').describe(
      'How often it signs in, with the delay of its logs: an alert follows after one and a half times that.',
    ),
  })
  .describe('An agent whose beat proves that logs arrive.')

const logSchema = group(
  {
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info')
      .describe('Least urgent lines that are written.'),
  },
  'The log on standard error, one JSON object a line.',
)

/** The whole configuration file, with the settings of the kinds of source and sink that there are. */
export function configSchema({ sources, sinks }: Registry) {
  return z
    .strictObject({
      $schema: z.string().optional().describe('For editors: the schema of this file.'),
      detections: path.optional().describe('Folder of detections; by default the pack in the package.'),
      overrides: path
        .optional()
        .describe(
          'What is to be different in the detections, YAML: parameters, severity, which are left out.',
        ),
      inventory: path.optional().describe('Inventory of agents, YAML or CSV.'),
      identities: z
        .enum(POPULATIONS)
        .optional()
        .describe(
          "Whose behaviour is learnt: agentic (marked by Entra), inventory (also those listed), workloads (also every workload identity but Microsoft's). By default inventory where there is one, else workloads.",
        ),
      tenants: z
        .array(z.guid('a tenant is named by its id, as 00000000-0000-0000-0000-000000000000').toLowerCase())
        .min(1)
        .optional()
        .describe(
          'Ids of the tenants whose records are read; rows of others are left out and counted. By default all.',
        ),
      state: stateSchema,
      sources: named(sources, 'source').describe('Where records come from.'),
      sinks: named(sinks, 'sink').describe('Where alerts go.'),
      limits: limitsSchema,
      suppressions: suppressionsSchema,
      exceptions: path
        .optional()
        .describe('Further suppressions, YAML: a file as agentwarden suppress writes it.'),
      silence: silenceSchema,
      canaries: z.array(canarySchema).default([]).describe('Agents that must be heard of regularly.'),
      server: serverSchema,
      log: logSchema,
      bounds: boundsSchema,
      grace: durationSetting('0s', '1h')
        .prefault('25s')
        .describe('How long a stop may take: to score what was read, to save, and to deliver.'),
    })
    .describe('Configuration of agentwarden run.')
}

export type ConfigSchema = ReturnType<typeof configSchema>
export type SilenceSettings = z.output<typeof silenceSchema>

const NAME = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'small letters, digits and hyphens')
  .optional()
  .describe('What it is called in state, metrics and logs; its kind by default. Renaming it begins anew.')

/** A list of things of some kind, each of which has the settings of its kind, and a name of its own. */
function named(kinds: ReadonlyMap<string, SourceKind | SinkKind>, what: string) {
  const choices = [...kinds.values()].map(({ kind, settings }) =>
    settings.safeExtend({ kind: z.literal(kind), name: NAME }).strict(),
  )
  return z
    .array(union(choices, `a ${what} has a kind; known are ${[...kinds.keys()].join(', ')}`))
    .min(1, `at least one ${what} is needed`)
    .superRefine((all, context) => {
      const names = all.map(({ kind, name }) => String(name ?? kind))
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) < index)
          context.addIssue({
            code: 'custom',
            path: [index],
            message: `${name} is there already: give this ${what} another name`,
          })
      }
    })
}

type Named = { readonly kind: string; readonly name?: string | undefined } & Record<string, unknown>

function union(choices: readonly z.ZodObject[], unknown: string): z.ZodType<Named> {
  return z.discriminatedUnion('kind', choices as never, unknown) as never
}
