/** An API that issues tokens ask for: names and application ids are Microsoft's own, the same in every tenant. */
export interface Resource {
  readonly appId: string
  readonly name: string
}

export const graph: Resource = { appId: '00000003-0000-0000-c000-000000000000', name: 'Microsoft Graph' }

/** What agents use in their ordinary work. */
export const commonResources: readonly Resource[] = [
  { appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013', name: 'Windows Azure Service Management API' },
  { appId: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093', name: 'Azure Key Vault' },
  { appId: 'e406a681-f3d4-42a8-90b6-c2b029497af1', name: 'Azure Storage' },
  { appId: '022907d3-0f1b-48f7-badc-1ba6abab6d66', name: 'Azure SQL Database' },
  { appId: '00000003-0000-0ff1-ce00-000000000000', name: 'Office 365 SharePoint Online' },
  { appId: '00000002-0000-0ff1-ce00-000000000000', name: 'Office 365 Exchange Online' },
  { appId: '7d312290-28c8-473c-a0ed-8e53749b6d6d', name: 'Azure Cognitive Services' },
  { appId: 'ca7f3f0b-7d91-482c-8e09-c5d840d0eac5', name: 'Log Analytics API' },
  { appId: '80a10ef9-8168-493d-abf9-3297c4ef6e3c', name: 'Microsoft.ServiceBus' },
  { appId: '80369ed6-5f11-4dd9-bef3-692475845e77', name: 'Microsoft.EventHubs' },
]

/** What only some need: a sweep also knocks on these doors. */
export const rareResources: readonly Resource[] = [
  { appId: '00000002-0000-0000-c000-000000000000', name: 'Windows Azure Active Directory' },
  { appId: '499b84ac-1321-427f-aa17-267ca6975798', name: 'Azure DevOps' },
  { appId: '00000007-0000-0000-c000-000000000000', name: 'Dataverse' },
  { appId: '00000009-0000-0000-c000-000000000000', name: 'Power BI Service' },
  { appId: '2ff814a6-3304-4ab8-85cb-cd0e6f879c1d', name: 'AzureDatabricks' },
  { appId: '0000000a-0000-0000-c000-000000000000', name: 'Microsoft Intune' },
  { appId: 'fc780465-2017-40d4-a0c5-307022471b92', name: 'WindowsDefenderATP' },
  { appId: '8ee8fdad-f234-4243-8f3b-15c294843740', name: 'Microsoft Threat Protection' },
  { appId: '018bf4dd-6a0f-4a1c-8ae6-5c1ad7a1e2c5', name: 'Internal Payroll API' },
  { appId: '5b2f7c11-0f5e-4d5e-9d1c-2b6f2d9f6a37', name: 'Internal Customer API' },
]

export const allResources: readonly Resource[] = [graph, ...commonResources, ...rareResources]
