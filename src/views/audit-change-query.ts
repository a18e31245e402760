import type { SourceQuery, Step } from '../kql/query.js'

/**
 * The audit log's views in KQL: what `audit-change.ts` says, in the same order. Modified properties become a bag by name, so
 * that of two with one name some one counts; Entra does not repeat them.
 */
export const AUDIT_FUNCTIONS: readonly Step[] = [
  // The audit log writes values as JSON inside a text.
  [
    'Unquote',
    String.raw`Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) }`,
  ],
  ['Before', 'Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) }'],
  ['After', 'After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) }'],
  [
    'Either',
    'Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) }',
  ],
  [
    'Guid',
    'Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) }',
  ],
  [
    'Keys',
    String.raw`Keys = (Text: string) { extract_all(@"(KeyIdentifier=[^,\]]{1,100},KeyType=[^,\]]{1,100})", Text) }`,
  ],
  ['Grants', String.raw`Grants = (Text: string) { extract_all(@"\[(Id: [^\[\]]*)\]", Text) }`],
  [
    'AsList',
    'AsList = (Text: string) { iff(array_length(parse_json(Text)) > 0, parse_json(Text), dynamic([{}])) }',
  ],
  ['Setting', String.raw`Setting = (Text: string) { tolower(replace_regex(Text, @"[\[\]]", "")) }`],
  [
    'Subject',
    'Subject = (Trust: dynamic) { coalesce(tostring(Trust.Subject), tostring(Trust.ClaimsMatchingExpressionValue)) }',
  ],
]

const either = (name: string) => `Either(Properties, "${name}")`
const has = (name: string) => `isnotnull(Properties["${name}"])`
const target = (place: string, field: string) => `tostring(TargetResources[${place}].${field})`

/** All modified properties of a record's targets, by name. */
export const PROPERTIES_STEP: Step = [
  'Properties',
  `| mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))`,
]

/** Who made the change. */
export const ACTOR_STEP: Step = [
  'Actor',
  'iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)',
]

/** The operation by its plain name, and how it ended. */
export const OPERATION: Readonly<Record<'Operation' | 'Result', string>> = {
  Operation: String.raw`trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " "))`,
  Result: 'tolower(Result)',
}

const STEPS: readonly Step[] = [
  PROPERTIES_STEP,
  [
    'FirstPrincipal SecondPrincipal FirstApplication FirstMember',
    `| mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
        SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
        FirstApplication = minif(Place, Kind == "Application"),
        FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))`,
  ],
  [
    'FirstRole',
    `| mv-apply with_itemindex=Place Target = TargetResources on (
    summarize FirstRole = minif(Place, tostring(Target.type) == "Role"))`,
  ],
  [
    'AgentTypes',
    `| mv-apply Target = TargetResources on (
    summarize AgentTypes = make_bag(bag_pack(tolower(tostring(Target.id)), tostring(Target.agentType))))`,
  ],
  ['GranteeId', either('ServicePrincipal.ObjectID')],
  ['GranteeAppId', `Guid(${either('ServicePrincipal.AppId')})`],
  ['IsNamed', 'isnotempty(GranteeId) or isnotempty(GranteeAppId)'],
  [
    'IsNobodys',
    `${has('DelegatedPermissionGrant.Scope')}
    or (${has('AppRole.Id')} and not(${has('User.ObjectID')}) and not(${has('Group.ObjectID')}))
    or ((${has('Role.TemplateId')} or ${has('Role.DisplayName')}) and ${target('FirstMember', 'type')} != "ServicePrincipal")`,
  ],
  ['Changed', 'coalesce(FirstPrincipal, FirstApplication)'],
  ['ChangedType', target('Changed', 'type')],
  [
    'ChangedId',
    `tolower(case(IsNamed, coalesce(GranteeId, ${target('SecondPrincipal', 'id')}, GranteeAppId),
    IsNobodys, "", isnotnull(Changed), ${target('Changed', 'id')}, ${either('Application.ObjectID')}))`,
  ],
  [
    'OwnAppId',
    `iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(${either('TargetId.ServicePrincipalNames')}), Guid(${either('AppPrincipalId')}), Guid(${either('AppId')})), "")`,
  ],
  ACTOR_STEP,
  [
    'KeysAdded',
    'set_difference(Keys(After(Properties, "KeyDescription")), Keys(Before(Properties, "KeyDescription")))',
  ],
  [
    'KeysRemoved',
    'set_difference(Keys(Before(Properties, "KeyDescription")), Keys(After(Properties, "KeyDescription")))',
  ],
  [
    'TrustsAfter',
    `| mv-apply Trust = AsList(After(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsAfter = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))`,
  ],
  [
    'TrustsBefore',
    `| mv-apply Trust = AsList(Before(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsBefore = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))`,
  ],
  ['TrustsAdded', 'set_difference(TrustsAfter, TrustsBefore)'],
  ['TrustsRemoved', 'set_difference(TrustsBefore, TrustsAfter)'],
  ['KeyAdded', 'tostring(KeysAdded[0])'],
  [
    'AddressesAfter',
    `| mv-apply Entry = AsList(After(Properties, "AppAddress")) on (
    summarize AddressesAfter = make_set_if(tostring(Entry.Address), isnotempty(Entry.Address)))`,
  ],
  [
    'AddressesBefore',
    `| mv-apply Entry = AsList(Before(Properties, "AppAddress")) on (
    summarize AddressesBefore = make_set_if(tostring(Entry.Address), isnotempty(Entry.Address)))`,
  ],
  ['ChangedAgentType', 'tostring(AgentTypes[ChangedId])'],
  ['Consents', either('ConsentAction.Permissions')],
]

/** The subject of a trust, which its text has after the issuer and a blank. */
const TRUSTED = 'extract(@"^[^ ]* (.*)$", 1, tostring(TrustsAdded[0]))'

const KEY_ID = 'tolower(extract("KeyIdentifier=([^,]+)", 1, KeyAdded))'

/** What the columns of `CHANGE_COLUMNS` are made of. */
const CHANGE: Readonly<Record<string, string>> = {
  ...OPERATION,
  CredentialsAdded: 'coalesce(array_length(KeysAdded), 0) + coalesce(array_length(TrustsAdded), 0)',
  CredentialsRemoved: 'coalesce(array_length(KeysRemoved), 0) + coalesce(array_length(TrustsRemoved), 0)',
  CredentialId: `iff(isnotempty(KeyAdded), ${KEY_ID}, ${TRUSTED})`,
  KeyId: KEY_ID,
  CredentialKind:
    'iff(isnotempty(KeyAdded), extract("KeyType=(.+)$", 1, KeyAdded), iff(array_length(TrustsAdded) > 0, "Federated", ""))',
  RoleName: `coalesce(${either('Role.DisplayName')}, ${target('FirstRole', 'displayName')})`,
  RoleTemplateId: `tolower(coalesce(${either('Role.TemplateId')}, ${target('FirstRole', 'id')}))`,
  PermissionName: either('AppRole.Value'),
  PermissionId: `tolower(${either('AppRole.Id')})`,
  Scope: `trim(" ", ${either('DelegatedPermissionGrant.Scope')})`,
  ConsentType: either('DelegatedPermissionGrant.ConsentType'),
  ConsentPermissions: `iff(Consents !contains "=>", Consents,
    strcat_array(set_difference(Grants(substring(Consents, indexof(Consents, "=>"))), Grants(substring(Consents, 0, indexof(Consents, "=>")))), "; "))`,
  IsAdminConsent: either('ConsentContext.IsAdminConsent'),
  OnBehalfOfAll: either('ConsentContext.OnBehalfOfAll'),
  TargetName: `coalesce(${target('0', 'displayName')}, ${target('0', 'userPrincipalName')})`,
  TargetId: `tolower(${target('0', 'id')})`,
  UpdatedProperties: either('Included Updated Properties'),
  EnabledBefore: 'Setting(Before(Properties, "AccountEnabled"))',
  EnabledAfter: 'Setting(After(Properties, "AccountEnabled"))',
  MultiTenantBefore: 'Setting(Before(Properties, "AvailableToOtherTenants"))',
  MultiTenantAfter: 'Setting(After(Properties, "AvailableToOtherTenants"))',
  AddressesAdded: 'strcat_array(array_sort_asc(set_difference(AddressesAfter, AddressesBefore)), "; ")',
  GroupName: either('Group.DisplayName'),
}

const CHANGED: Readonly<Record<'name' | 'appId' | 'type', string>> = {
  name: `case(IsNamed, coalesce(${either('ServicePrincipal.DisplayName')}, ${target('SecondPrincipal', 'displayName')}),
    isnotnull(Changed), coalesce(${target('Changed', 'displayName')}, Either(Properties, strcat(ChangedType, ".DisplayName"))),
    ${either('Application.DisplayName')})`,
  appId: `iff(IsNamed, GranteeAppId, coalesce(Guid(${either('Application.AppId')}), OwnAppId))`,
  type: 'case(IsNamed, "ServicePrincipal", isnotnull(Changed), ChangedType, "Application")',
}

/** The actor's columns. */
export const ACTOR: Readonly<Record<'id' | 'name' | 'type' | 'address', string>> = {
  id: 'tolower(coalesce(iff(isnotnull(InitiatedBy.app), tostring(Actor.servicePrincipalId), tostring(Actor.id)), tostring(Actor.appId)))',
  name: 'coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName))',
  type: 'iff(isnotnull(InitiatedBy.app), "App", iff(isnotnull(InitiatedBy.user), "User", ""))',
  address: 'tostring(Actor.ipAddress)',
}

export const agentChangesQuery: SourceQuery = {
  time: 'ActivityDateTime',
  steps: STEPS,
  where: 'isnotempty(ChangedId)',
  columns: {
    Id: 'Id',
    TenantId: 'tolower(AADTenantId)',
    AgentId: 'ChangedId',
    AgentName: CHANGED.name,
    AppId: CHANGED.appId,
    Agentic: 'tolong(ChangedAgentType !in~ ("", "notAgentic"))',
    AgentType: 'ChangedAgentType',
    Workload: 'tolong(1)',
    TargetType: CHANGED.type,
    ActorId: ACTOR.id,
    ActorName: ACTOR.name,
    ActorType: ACTOR.type,
    ActorIPAddress: ACTOR.address,
    ...CHANGE,
  },
}

export const directoryActionsQuery: SourceQuery = {
  time: 'ActivityDateTime',
  steps: [
    ...STEPS,
    ['ActorId', ACTOR.id],
    ['ActorAppId', 'tolower(tostring(Actor.appId))'],
    ['ChangedAppId', `iff(isempty(ChangedId), "", ${CHANGED.appId})`],
  ],
  where: 'isnotempty(ActorId)',
  columns: {
    Id: 'Id',
    TenantId: 'tolower(AADTenantId)',
    AgentId: 'ActorId',
    AgentName: ACTOR.name,
    AppId: 'ActorAppId',
    Agentic: 'tolong(tostring(Actor.agentType) !in~ ("", "notAgentic"))',
    Workload: 'tolong(isnotnull(InitiatedBy.app))',
    ActorType: ACTOR.type,
    IPAddress: ACTOR.address,
    ChangedId: 'ChangedId',
    ChangedAppId: 'ChangedAppId',
    ChangedName: `iff(isempty(ChangedId), "", ${CHANGED.name})`,
    ChangedType: `iff(isempty(ChangedId), "", ${CHANGED.type})`,
    OnItself:
      'tolong(isnotempty(ChangedId) and (ActorId == ChangedId or ActorId == ChangedAppId or (isnotempty(ActorAppId) and ActorAppId == ChangedAppId)))',
    ...CHANGE,
  },
}
