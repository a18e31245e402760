import { z } from 'zod'

const duration = z.string().regex(/^P(\d+D)?(T(\d+H)?(\d+M)?)?$/)
const name = z.string().regex(/^[A-Za-z_]\w*$/)

/** What the published types of `alertRules` of kind Scheduled (2025-09-01) ask for, and the service's limits. */
const properties = z.strictObject({
  displayName: z.string().min(1).max(256),
  description: z.string().max(5000),
  severity: z.enum(['Informational', 'Low', 'Medium', 'High']),
  enabled: z.string().regex(/^\[.*\]$/),
  query: z.string().min(1).max(10_000),
  queryFrequency: duration,
  queryPeriod: duration,
  triggerOperator: z.enum(['Equal', 'GreaterThan', 'LessThan', 'NotEqual']),
  triggerThreshold: z.int().min(0).max(10_000),
  suppressionDuration: duration,
  suppressionEnabled: z.boolean(),
  tactics: z.array(z.string()).min(1).optional(),
  techniques: z
    .array(z.string().regex(/^T\d{4}$/))
    .min(1)
    .optional(),
  entityMappings: z
    .array(
      z.strictObject({
        entityType: z.enum(['Account', 'CloudApplication', 'IP', 'AzureResource']),
        fieldMappings: z
          .array(z.strictObject({ identifier: z.string(), columnName: name }))
          .min(1)
          .max(3),
      }),
    )
    .min(1)
    .max(10),
  customDetails: z
    .record(z.string().regex(/^[a-zA-Z]\w{0,19}$/), name)
    .refine((details) => Object.keys(details).length <= 20),
  alertDetailsOverride: z.strictObject({
    alertDisplayNameFormat: z.string().min(1).max(256),
    alertDescriptionFormat: z.string().min(1).max(5000),
    alertSeverityColumnName: name.optional(),
  }),
  eventGroupingSettings: z.strictObject({ aggregationKind: z.enum(['SingleAlert', 'AlertPerResult']) }),
  incidentConfiguration: z.strictObject({
    createIncident: z.boolean(),
    groupingConfiguration: z.strictObject({
      enabled: z.boolean(),
      reopenClosedIncident: z.boolean(),
      lookbackDuration: duration,
      matchingMethod: z.enum(['AllEntities', 'AnyAlert', 'Selected']),
      groupByEntities: z.array(z.string()),
      groupByAlertDetails: z.array(z.enum(['DisplayName', 'Severity'])),
      groupByCustomDetails: z.array(z.string()),
    }),
  }),
})

const parameter = z.looseObject({ type: z.enum(['string', 'bool', 'object']) })

/** A resource template of scheduled rules. */
export const armSchema = z.strictObject({
  $schema: z.literal('https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'),
  contentVersion: z.literal('1.0.0.0'),
  parameters: z.strictObject({ workspace: parameter, enabled: parameter }),
  resources: z
    .array(
      z.strictObject({
        type: z.literal('Microsoft.OperationalInsights/workspaces/providers/alertRules'),
        apiVersion: z.literal('2025-09-01'),
        name: z
          .string()
          .regex(/^\[concat\(parameters\('workspace'\), '\/Microsoft\.SecurityInsights\/[0-9a-f-]{36}'\)\]$/),
        kind: z.literal('Scheduled'),
        properties,
      }),
    )
    .min(1),
})
