/**
 * Roles of Azure that are worth a look when an agent gets them, by the id of their definition: the log names ids alone.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const AZURE_ROLES: ReadonlyMap<string, string> = new Map([
  // Control of who may do what
  ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'Owner'],
  ['18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', 'User Access Administrator'],
  ['f58310d9-a9f6-439a-9e8d-f62e7b41a168', 'Role Based Access Control Administrator'],
  // All resources, or those that run code as somebody else
  ['b24988ac-6180-42a0-ab88-20f7382dd24c', 'Contributor'],
  ['9980e02c-c2be-4d73-94e8-173b1dc7cf3c', 'Virtual Machine Contributor'],
  ['f353d9bd-d4a6-484e-a77a-8050b599b867', 'Automation Contributor'],
  ['f1a07417-d97a-45cb-824c-7a7467783830', 'Managed Identity Operator'],
  // Secrets and data
  ['00482a5a-887f-4fb3-b363-3b7fe8e74483', 'Key Vault Administrator'],
  ['b86a8fe4-44ce-4948-aee5-eccb2c155cd7', 'Key Vault Secrets Officer'],
  ['b7e6dc6d-f1e8-4753-8033-0f276bb0955b', 'Storage Blob Data Owner'],
  ['81a9662b-bebf-436f-a333-f67b29880f12', 'Storage Account Key Operator Service Role'],
])
