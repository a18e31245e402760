import { z } from 'zod'

/** What Microsoft Graph leaves out, or sets to null, is nothing. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined)

const key = z.object({
  keyId: z.string(),
  displayName: text,
  startDateTime: text,
  endDateTime: text,
})

/** A service principal of any sort. */
export const principalSchema = z.object({
  id: z.guid(),
  appId: text,
  displayName: text,
  servicePrincipalType: text,
  accountEnabled: z.boolean().nullish(),
  appOwnerOrganizationId: text,
  agentIdentityBlueprintId: text,
  createdDateTime: text,
  tags: z.array(z.string()).default([]),
  keyCredentials: z.array(key).default([]),
  passwordCredentials: z.array(key).default([]),
})

export type Principal = z.output<typeof principalSchema>

/** The fields that are asked for, as Graph leaves some out otherwise. */
export const PRINCIPAL_FIELDS =
  'id,appId,displayName,servicePrincipalType,accountEnabled,appOwnerOrganizationId,createdDateTime,tags,keyCredentials,passwordCredentials'

/** The application that a service principal is of. */
export const applicationSchema = z.object({
  id: z.guid(),
  keyCredentials: z.array(key).default([]),
  passwordCredentials: z.array(key).default([]),
})

export const federatedSchema = z.object({ id: z.string(), name: text, issuer: text, subject: text })

/** An owner or sponsor: a user, a group, a service principal. */
export const personSchema = z.object({ id: z.string(), displayName: text, userPrincipalName: text })

export const assignmentSchema = z.object({
  resourceId: z.guid(),
  resourceDisplayName: text,
  appRoleId: z.string(),
})

export const grantSchema = z.object({ resourceId: z.guid(), scope: text })

/** A service principal as that which others have permissions on. */
export const resourceSchema = z.object({
  appId: text,
  displayName: text,
  appRoles: z.array(z.object({ id: z.string(), value: text, displayName: text })).default([]),
})

export type ResourcePrincipal = z.output<typeof resourceSchema>

/** A secret or certificate, without what is secret of it. */
export type Key = z.output<typeof key>
