import { z } from 'zod'

/**
 * What the published types (Azure/bicep-types-az) say of the resources that the templates deploy: just the properties
 * that they use, so that a misspelt one fails.
 */
const expression = z.string().regex(/^\[(?!\[)[\s\S]*\]$/)
const text = z.string().min(1)
const or = <Type extends z.ZodType>(type: Type) => z.union([expression, type])
const orNull = or(z.null())
const named = { name: text, dependsOn: z.array(expression).optional(), condition: expression.optional() }
const located = { ...named, location: expression }
const properties = (shape: z.ZodRawShape) => z.strictObject(shape)

function resource(type: string, apiVersion: string, shape: z.ZodRawShape): z.ZodType {
  return z.strictObject({ type: z.literal(type), apiVersion: z.literal(apiVersion), ...shape })
}

const column = z.strictObject({
  name: z.string().regex(/^[A-Z]\w{0,44}$/),
  type: z.enum(['string', 'datetime', 'long', 'real', 'dynamic', 'boolean', 'int', 'guid']),
  description: text.optional(),
})

const probe = z.strictObject({
  type: z.enum(['Liveness', 'Readiness', 'Startup']),
  httpGet: z.strictObject({ path: text, port: z.int() }),
  periodSeconds: z.int().min(1).max(240),
  failureThreshold: z.int().min(1).max(10).optional(),
  timeoutSeconds: z.int().min(1).max(240).optional(),
})

const container = {
  name: text,
  image: expression,
  resources: z.strictObject({ cpu: expression, memory: text }),
  volumeMounts: z.array(z.strictObject({ volumeName: text, mountPath: text })),
}

const app = properties({
  environmentId: expression,
  workloadProfileName: text,
  configuration: z.strictObject({
    activeRevisionsMode: z.enum(['Single', 'Multiple']),
    registries: expression,
    secrets: z.array(z.strictObject({ name: z.string().regex(/^[a-z0-9-]+$/), value: expression })),
  }),
  template: z.strictObject({
    terminationGracePeriodSeconds: z.int().min(0),
    initContainers: z.array(z.strictObject({ ...container, command: z.array(text), args: z.array(text) })),
    containers: z.array(
      z.strictObject({
        ...container,
        env: z.array(z.strictObject({ name: text, value: text })),
        probes: z.array(probe),
      }),
    ),
    scale: z.strictObject({ minReplicas: z.int(), maxReplicas: z.int() }),
    volumes: z.array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]+$/),
        storageType: z.enum(['AzureFile', 'EmptyDir', 'NfsAzureFile', 'Secret']),
        storageName: text.optional(),
        secrets: z.array(z.strictObject({ secretRef: text, path: text })).optional(),
      }),
    ),
  }),
})

const watchlist = properties({
  watchlistAlias: text,
  displayName: text,
  description: text,
  provider: text,
  source: text,
  sourceType: z.enum(['Local', 'AzureStorage']),
  itemsSearchKey: text,
  contentType: z.literal('text/csv'),
  numberOfLinesToSkip: z.int(),
  rawContent: text,
})

const savedSearch = properties({
  category: text,
  displayName: text,
  query: text,
  functionAlias: z
    .string()
    .regex(/^[A-Za-z_]\w*$/)
    .optional(),
  functionParameters: text.optional(),
  tags: z.array(z.strictObject({ name: text, value: text.max(5000) })),
  version: z.literal(2),
})

const storageAccount = {
  kind: z.enum(['FileStorage', 'StorageV2']),
  sku: z.strictObject({ name: z.enum(['Premium_LRS', 'Premium_ZRS']) }),
  properties: properties({
    minimumTlsVersion: z.literal('TLS1_2'),
    allowSharedKeyAccess: z.boolean(),
    allowBlobPublicAccess: z.boolean(),
    supportsHttpsTrafficOnly: z.boolean(),
    publicNetworkAccess: z.enum(['Enabled', 'Disabled']),
    networkAcls: z.strictObject({
      defaultAction: z.enum(['Allow', 'Deny']),
      bypass: z.enum(['None', 'AzureServices']),
      virtualNetworkRules: z.array(z.strictObject({ id: expression, action: z.literal('Allow') })),
    }),
  }),
}

const logSettings = z.array(z.strictObject({ category: text, enabled: z.boolean() })).min(1)

/** Every type of resource that a template may have, with its version of the API. */
export const resourceSchema: z.ZodType = z.lazy(() => z.union([...Object.values(TYPES), moduleSchema]))

const TYPES: Readonly<Record<string, z.ZodType>> = {
  namespace: resource('Microsoft.EventHub/namespaces', '2024-01-01', {
    ...located,
    sku: z.strictObject({ name: text, tier: text, capacity: expression }),
    properties: properties({
      minimumTlsVersion: z.literal('1.2'),
      disableLocalAuth: z.boolean(),
      isAutoInflateEnabled: expression,
      maximumThroughputUnits: expression,
    }),
  }),
  authorizationRule: resource('Microsoft.EventHub/namespaces/authorizationRules', '2024-01-01', {
    ...named,
    properties: properties({ rights: z.array(z.enum(['Listen', 'Manage', 'Send'])) }),
  }),
  hub: resource('Microsoft.EventHub/namespaces/eventhubs', '2024-01-01', {
    ...named,
    properties: properties({ messageRetentionInDays: expression, partitionCount: expression }),
  }),
  consumerGroup: resource('Microsoft.EventHub/namespaces/eventhubs/consumergroups', '2024-01-01', {
    ...named,
    properties: properties({ userMetadata: text.max(1024) }),
  }),
  roleAssignment: resource('Microsoft.Authorization/roleAssignments', '2022-04-01', {
    ...named,
    scope: expression,
    properties: properties({
      roleDefinitionId: expression,
      principalId: expression,
      principalType: z.literal('ServicePrincipal'),
    }),
  }),
  identity: resource('Microsoft.ManagedIdentity/userAssignedIdentities', '2023-01-31', located),
  workspace: resource('Microsoft.OperationalInsights/workspaces', '2025-07-01', {
    ...located,
    properties: properties({
      sku: z.strictObject({ name: z.literal('PerGB2018') }),
      retentionInDays: expression,
      features: z.strictObject({ disableLocalAuth: z.boolean() }),
    }),
  }),
  onboarding: resource('Microsoft.SecurityInsights/onboardingStates', '2025-09-01', {
    ...named,
    scope: expression,
    name: z.literal('default'),
    properties: properties({}),
  }),
  table: resource('Microsoft.OperationalInsights/workspaces/tables', '2025-07-01', {
    ...named,
    properties: properties({
      plan: z.enum(['Analytics', 'Basic', 'Auxiliary']),
      schema: z.strictObject({
        name: z.string().regex(/^[A-Za-z]\w{0,58}_CL$/),
        description: text,
        columns: z.array(column).min(1).max(500),
      }),
    }),
  }),
  savedSearch: resource('Microsoft.OperationalInsights/workspaces/savedSearches', '2025-07-01', {
    ...named,
    etag: z.literal('*'),
    properties: savedSearch,
  }),
  endpoint: resource('Microsoft.Insights/dataCollectionEndpoints', '2023-03-11', {
    ...located,
    properties: properties({
      networkAcls: z.strictObject({ publicNetworkAccess: z.enum(['Enabled', 'Disabled']) }),
    }),
  }),
  rule: resource('Microsoft.Insights/dataCollectionRules', '2023-03-11', {
    ...located,
    properties: properties({
      dataCollectionEndpointId: expression,
      streamDeclarations: z.record(
        z.string().regex(/^Custom-\w+$/),
        z.strictObject({ columns: z.array(column.omit({ description: true })) }),
      ),
      destinations: z.strictObject({
        logAnalytics: z.array(z.strictObject({ name: text, workspaceResourceId: expression })),
      }),
      dataFlows: z.array(
        z.strictObject({
          streams: z.array(text).length(1),
          destinations: z.array(text).length(1),
          transformKql: z.literal('source'),
          outputStream: z.string().regex(/^Custom-\w+_CL$/),
        }),
      ),
    }),
  }),
  workbook: resource('Microsoft.Insights/workbooks', '2023-06-01', {
    ...located,
    kind: z.literal('shared'),
    properties: properties({
      displayName: text,
      description: text,
      category: z.literal('sentinel'),
      version: z.literal('Notebook/1.0'),
      sourceId: expression,
      serializedData: text,
    }),
  }),
  watchlist: resource('Microsoft.SecurityInsights/watchlists', '2025-09-01', {
    ...named,
    scope: expression,
    properties: watchlist,
  }),
  entra: resource('microsoft.aadiam/diagnosticSettings', '2017-04-01', {
    ...named,
    scope: z.literal('/'),
    properties: properties({
      eventHubAuthorizationRuleId: orNull,
      eventHubName: orNull,
      workspaceId: orNull,
      logs: logSettings,
    }),
  }),
  logs: resource('Microsoft.Insights/diagnosticSettings', '2021-05-01-preview', {
    ...named,
    scope: expression,
    properties: properties({ workspaceId: expression, logs: logSettings }),
  }),
  network: resource('Microsoft.Network/virtualNetworks', '2024-05-01', {
    ...located,
    properties: properties({
      addressSpace: z.strictObject({ addressPrefixes: z.array(expression) }),
      subnets: z.array(
        z.strictObject({
          name: text,
          properties: z.strictObject({
            addressPrefix: expression,
            serviceEndpoints: z.array(z.strictObject({ service: text })),
            delegations: z.array(
              z.strictObject({ name: text, properties: z.strictObject({ serviceName: text }) }),
            ),
          }),
        }),
      ),
    }),
  }),
  storage: resource('Microsoft.Storage/storageAccounts', '2024-01-01', { ...located, ...storageAccount }),
  fileService: resource('Microsoft.Storage/storageAccounts/fileServices', '2024-01-01', named),
  share: resource('Microsoft.Storage/storageAccounts/fileServices/shares', '2024-01-01', {
    ...named,
    properties: properties({
      enabledProtocols: z.enum(['NFS', 'SMB']),
      rootSquash: z.enum(['NoRootSquash', 'RootSquash', 'AllSquash']),
      shareQuota: z.int().min(100),
    }),
  }),
  environment: resource('Microsoft.App/managedEnvironments', '2025-01-01', {
    ...located,
    properties: properties({
      appLogsConfiguration: z.strictObject({
        destination: z.enum(['azure-monitor', 'log-analytics', 'none']),
      }),
      vnetConfiguration: z.strictObject({ infrastructureSubnetId: expression, internal: z.boolean() }),
      workloadProfiles: z.array(z.strictObject({ name: text, workloadProfileType: text })),
    }),
  }),
  mount: resource('Microsoft.App/managedEnvironments/storages', '2025-01-01', {
    ...named,
    properties: properties({
      nfsAzureFile: z.strictObject({
        accessMode: z.enum(['ReadOnly', 'ReadWrite']),
        server: expression,
        shareName: expression,
      }),
    }),
  }),
  app: resource('Microsoft.App/containerApps', '2025-01-01', {
    ...located,
    identity: z.strictObject({ type: z.literal('UserAssigned'), userAssignedIdentities: expression }),
    properties: app,
  }),
}

const moduleSchema: z.ZodType = z.strictObject({
  type: z.literal('Microsoft.Resources/deployments'),
  apiVersion: z.literal('2022-09-01'),
  ...named,
  resourceGroup: expression.optional(),
  properties: properties({
    mode: z.literal('Incremental'),
    expressionEvaluationOptions: z.strictObject({ scope: z.literal('inner') }),
    parameters: z.record(z.string(), z.strictObject({ value: z.unknown() })),
    template: z.lazy(() => templateSchema),
  }),
})

const parameter = z.strictObject({
  type: z.enum(['string', 'int', 'bool', 'object']),
  defaultValue: z.unknown().optional(),
  allowedValues: z.array(z.union([text, z.int()])).optional(),
  minValue: z.int().optional(),
  maxValue: z.int().optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  metadata: z.strictObject({ description: z.string().min(10) }),
})

/** A resource template, and those that it deploys. */
export const templateSchema: z.ZodType = z.strictObject({
  $schema: z
    .string()
    .regex(/^https:\/\/schema\.management\.azure\.com\/schemas\/[\d-]+\/\w*[dD]eploymentTemplate\.json#$/),
  contentVersion: z.literal('1.0.0.0'),
  metadata: z.strictObject({ description: text }),
  parameters: z.record(z.string().regex(/^[a-z]\w*$/), parameter),
  resources: z.array(resourceSchema).min(1).max(800),
  outputs: z
    .record(
      text,
      z.strictObject({
        type: z.literal('string'),
        metadata: z.strictObject({ description: text }),
        value: expression,
      }),
    )
    .optional(),
})
