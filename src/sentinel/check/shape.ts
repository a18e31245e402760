import { z } from 'zod'
import type { Check, Issue } from './check.js'
import { asList, isExpression, type RuleSource } from './source.js'

/** A version reads like a number (1.0) if it isn't quoted and has one dot only; `bad-version` is about that. */
const text = z.string()
const texts = z.array(z.string())

const mapping = z.looseObject({
  entityType: text,
  fieldMappings: z.array(z.looseObject({ identifier: text, columnName: text })),
})

const common = {
  name: text,
  severity: text,
  kind: text,
  query: text,
  tactics: texts.optional(),
  relevantTechniques: texts.optional(),
  entityMappings: z.array(mapping).optional(),
  customDetails: z.record(z.string(), text).optional(),
  alertDetailsOverride: z.looseObject({}).optional(),
  eventGroupingSettings: z.looseObject({ aggregationKind: text }).optional(),
  incidentConfiguration: z
    .looseObject({
      createIncident: z.boolean(),
      groupingConfiguration: z
        .looseObject({
          enabled: z.boolean(),
          reopenClosedIncident: z.boolean(),
          lookbackDuration: text,
          matchingMethod: text,
        })
        .optional(),
    })
    .optional(),
}

/** A rule that runs all the time has no schedule. */
const schedule = {
  queryFrequency: text,
  queryPeriod: text,
  triggerOperator: text,
  triggerThreshold: z.number(),
}

const connector = z.looseObject({ connectorId: text, dataTypes: texts })

const own = {
  yaml: { id: text, description: text, version: text },
  arm: { enabled: z.boolean(), suppressionDuration: text, suppressionEnabled: z.boolean() },
}

function shapeOf(rule: RuleSource & { readonly dialect: 'yaml' | 'arm' }): z.ZodRawShape {
  const scheduled = rule.get('kind') !== 'NRT'
  const connectors = z.array(connector)
  return {
    ...common,
    ...own[rule.dialect],
    ...(scheduled ? schedule : {}),
    ...(rule.dialect === 'yaml'
      ? { requiredDataConnectors: scheduled ? connectors : connectors.optional() }
      : {}),
  }
}

/** What the rule's keys hold that they must not, by key. */
function* problems(rule: RuleSource): Iterable<Issue & { readonly missing: boolean }> {
  if (rule.dialect === 'kql') return
  for (const [key, schema] of Object.entries(shapeOf({ ...rule, dialect: rule.dialect }))) {
    const value = rule.get(key)
    // A template's own value may be computed; then nothing is known of it, and nothing is missing.
    if (value === undefined && rule.dialect === 'arm' && rule.has(key)) continue
    for (const issue of (schema as z.ZodType).safeParse(value).error?.issues ?? []) {
      const inner = issue.path.map((part) => (typeof part === 'symbol' ? part.toString() : part))
      const found = valueAt(value, inner)
      if (isExpression(found)) continue
      const name = [key, ...inner].join('.')
      const missing = found === undefined
      const message = missing ? `${name} is missing` : `${name}: ${issue.message}`
      yield { path: [...rule.path(key), ...inner], message, missing }
    }
  }
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key],
    value,
  )
}

/** Whether what stands in a rule is there and of the right type. */
export const shape: readonly Check[] = [
  {
    code: 'missing-field',
    level: 'error',
    advice: 'add it',
    find: (rule) => [...problems(rule)].filter(({ missing }) => missing),
  },
  {
    code: 'wrong-type',
    level: 'error',
    advice: 'write a value of the type that is expected; quote what reads like a number',
    find: (rule) => [...problems(rule)].filter(({ missing }) => !missing),
  },
  {
    code: 'empty-list',
    level: 'error',
    advice: 'leave the key out, or name something',
    find: (rule) =>
      ['entityMappings', 'tactics'].flatMap((key) =>
        Array.isArray(rule.get(key)) && asList(rule.get(key)).length === 0 && rule.dialect === 'yaml'
          ? [{ path: rule.path(key), message: `${key} is there but says nothing` }]
          : [],
      ),
  },
]
