@description('Name of the Log Analytics workspace that Microsoft Sentinel is enabled on.')
param workspace string

@description('Rules that are not to run, by name: the rules that it does not name run.')
param enabled object = {}

resource law 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspace
}

resource rule_agent_active_off_hours 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'a41c926a-593a-5f2c-bd04-e1cc8664bf1d'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent is active at an hour at which it never works'
    description: '''
Identifies when an agent is active at an hour at which it never works.

Agents keep hours too: batch jobs run at night, copilots while people work. Whoever uses a stolen credential keeps their own. Round-the-clock agents never trip this, by construction.

False positives:
- A job that is run by hand in the morning or on a weekend. Compare with its schedule.
- Daylight saving moves an agent's hours by one, which the tolerance of an hour either side absorbs; a move by more does not.

Blind spots:
- A thief who works at the agent's own hours (see unusual-resource, new-country).
- A thief who comes within eight hours of the agent's own work, in the evening for instance.
- Agents that are active around the clock, or in few hours, or often at odd ones.
- A single sign-in in an hour.
- Most of the weekend, since an agent is judged by four active weekend days, and 13 days hold no more.
- The later hours of a long night, which by then make the agent's hours odd.'''
    severity: 'Low'
    enabled: contains(enabled, 'agent-active-off-hours') ? enabled['agent-active-off-hours'] : true
    query: '''
// agent-active-off-hours 1.0.0: Agent is active at an hour at which it never works
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, ResourceDisplayName: string, ResultType: string,
      IPAddress: string, AzureResourceId: string, Id: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADServicePrincipalSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResourceDisplayName, ResultType, IPAddress, AzureResourceId = "", Id),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADManagedIdentitySignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(1), ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId), Id),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "AADNonInteractiveUserSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = "", Id),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "SigninLogs", TenantId = tolower(AADTenantId),
      AgentId = tolower(SubjectId), AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName),
      AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      ResourceDisplayName, ResultType, IPAddress, AzureResourceId = "", Id)
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let IsWeekend = dayofweek(Start) in (0d, 6d);
let Clock = hourofday(Start);
let MinDays = iff(IsWeekend, 4, 7);
let MinOtherDays = iff(IsWeekend, 7, 4);
let Judged = Rows(Start, End)
  | summarize Once = take_any(tolong(1)), All = sum(tolong(1)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId, Type, Id
  | summarize Events = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId
  | where Events >= 2;
let Hours = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h)
  | extend SameClass = (dayofweek(Hour) in (0d, 6d)) == IsWeekend, Day = startofday(Hour), HourOfDay = tolong(hourofday(Hour)));
let History = Hours
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 40;
let Near = materialize(Hours
  | mv-expand Around = pack_array((HourOfDay + 23) % 24, HourOfDay, (HourOfDay + 1) % 24) to typeof(long)
  | distinct TenantId, AgentId, SameClass, Day, Around
  | summarize ActiveDays = count() by TenantId, AgentId, SameClass, HourOfDay = Around);
let Here = Near
  | where SameClass and HourOfDay == Clock
  | project TenantId, AgentId, ActiveDays;
let Usual = Near
  | where ActiveDays > 1;
let Days = Hours
  | summarize OfDay = count() by TenantId, AgentId, SameClass, Day
  | summarize Days = countif(SameClass), OtherDays = countif(not(SameClass)), ClassHours = sumif(OfDay, SameClass), OtherHours = sumif(OfDay, not(SameClass)) by TenantId, AgentId;
let Unusual = Hours
  | join kind=leftanti Usual on TenantId, AgentId, SameClass, HourOfDay
  | summarize Unusual = countif(SameClass), OtherUnusual = countif(not(SameClass)) by TenantId, AgentId;
let Working = Hours
  | where Hour >= Start - 8h
  | join kind=leftsemi Usual on TenantId, AgentId, SameClass, HourOfDay
  | distinct TenantId, AgentId;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Days on TenantId, AgentId
| join kind=leftouter Here on TenantId, AgentId
| join kind=leftouter Unusual on TenantId, AgentId
| join kind=leftanti Working on TenantId, AgentId
| extend ActiveDays = coalesce(ActiveDays, 0), Unusual = coalesce(Unusual, 0), OtherUnusual = coalesce(OtherUnusual, 0)
| where ActiveDays <= 1
| where (Days > 0 and Days >= MinDays and Unusual <= real(0.05) * ClassHours)
  or (Days == 0 and OtherDays >= MinOtherDays and OtherUnusual <= real(0.05) * OtherHours)
| extend Max = 1, HourOfDay = Clock, DayClass = iff(IsWeekend, "weekend", "weekday")
| extend Observed = format_datetime(Start, "HH:mm")
| extend Basis = strcat("active around this hour on ", ActiveDays, " of ", Days, " such days among the 13 before, and on ", OtherDays, " others")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), " at ", HourOfDay, " UTC on a ", DayClass, "; it was ", Basis)
| project Detection = "agent-active-off-hours", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, HourOfDay, DayClass, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      HourOfDay: 'HourOfDay'
      DayClass: 'DayClass'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent is active at an hour at which it never works: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_agent_added_credential 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'd5758cf9-07b2-5dc5-8b78-8a7fb8459a1b'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent added a credential to another application'
    description: '''
Identifies when an agent added a credential to another application.

With a credential of its own making an agent can act as the other application. That is how one stolen agent becomes many.

False positives:
- Pipelines that set up applications, and services that rotate their secrets.

Blind spots:
- An agent that adds one to itself (see credential-added).
- An agent that calls itself Managed Service Identity.'''
    severity: 'High'
    enabled: contains(enabled, 'agent-added-credential') ? enabled['agent-added-credential'] : true
    query: '''
// agent-added-credential 1.0.0: An agent added a credential to another application
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let Keys = (Text: string) { extract_all(@"(KeyIdentifier=[^,\]]{1,100},KeyType=[^,\]]{1,100})", Text) };
let AsList = (Text: string) { iff(array_length(parse_json(Text)) > 0, parse_json(Text), dynamic([{}])) };
let Subject = (Trust: dynamic) { coalesce(tostring(Trust.Subject), tostring(Trust.ClaimsMatchingExpressionValue)) };
let DirectoryActions = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, IPAddress: string, ChangedId: string, ChangedName: string,
    OnItself: long, Operation: string, Result: string, CredentialsAdded: long, CredentialId: string,
    CredentialKind: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend KeysAdded = set_difference(Keys(After(Properties, "KeyDescription")), Keys(Before(Properties, "KeyDescription")))
  | mv-apply Trust = AsList(After(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsAfter = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))
  | mv-apply Trust = AsList(Before(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsBefore = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))
  | extend TrustsAdded = set_difference(TrustsAfter, TrustsBefore)
  | extend KeyAdded = tostring(KeysAdded[0])
  | extend ActorId = tolower(coalesce(iff(isnotnull(InitiatedBy.app), tostring(Actor.servicePrincipalId), tostring(Actor.id)), tostring(Actor.appId)))
  | extend ActorAppId = tolower(tostring(Actor.appId))
  | extend ChangedAppId = iff(isempty(ChangedId), "", iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)))
  | where isnotempty(ActorId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ActorId,
    AgentName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    AppId = ActorAppId, Agentic = tolong(tostring(Actor.agentType) !in~ ("", "notAgentic")),
    Workload = tolong(isnotnull(InitiatedBy.app)), IPAddress = tostring(Actor.ipAddress), ChangedId,
    ChangedName = iff(isempty(ChangedId), "", case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName"))),
    OnItself = tolong(isnotempty(ChangedId) and (ActorId == ChangedId or ActorId == ChangedAppId or (isnotempty(ActorAppId) and ActorAppId == ChangedAppId))),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    CredentialsAdded = coalesce(array_length(KeysAdded), 0) + coalesce(array_length(TrustsAdded), 0),
    CredentialId = iff(isnotempty(KeyAdded), tolower(extract("KeyIdentifier=([^,]+)", 1, KeyAdded)), extract(@"^[^ ]* (.*)$", 1, tostring(TrustsAdded[0]))),
    CredentialKind = iff(isnotempty(KeyAdded), extract("KeyType=(.+)$", 1, KeyAdded), iff(array_length(TrustsAdded) > 0, "Federated", "")));
let Arrived = DirectoryActions
  | where Agentic == 1 or Workload == 1
  | where Result =~ "success"
  | where (isnotnull(CredentialsAdded) and CredentialsAdded >= 1)
  | where OnItself == 0
  | where not(AgentName =~ "Managed Service Identity" or Operation =~ "Add service principal");
Arrived
| extend ChangedId = substring(ChangedId, 0, 256)
| extend CredentialId = substring(CredentialId, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, CredentialKind, ChangedName) by TenantId, AgentId, Hour = bin(EventTime, 1h), ChangedId, CredentialId
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(AgentName, AgentId), " added a credential (", coalesce(CredentialKind, "unknown"), " ", coalesce(CredentialId, "unknown"), ") to ", coalesce(ChangedName, "unknown"))
| project Detection = "agent-added-credential", TenantId, AgentId, AgentName, AppId, IPAddress, CredentialKind, CredentialId, ChangedName, Hour, ChangedId, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'LateralMovement'
    ]
    techniques: [
      'T1098'
      'T1550'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      ChangedId: 'ChangedId'
      CredentialId: 'CredentialId'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent added a credential to another application: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_agent_added_to_group 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'ba920162-64c5-59c9-a7fd-4d601cbb2a92'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent became a member of a group'
    description: '''
Identifies when an agent became a member of a group.

Groups carry roles, permissions on sites and exceptions from policies. A membership gives all of it without a single grant that anybody would see.

False positives:
- Groups for licences, or for the managed identities of one platform.

Blind spots:
- Groups whose members a rule chooses.
- What the group may do, which the record does not say.'''
    severity: 'Low'
    enabled: contains(enabled, 'agent-added-to-group') ? enabled['agent-added-to-group'] : true
    query: '''
// agent-added-to-group 1.0.0: An agent became a member of a group
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    TargetType: string, ActorName: string, Operation: string, Result: string, GroupName: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    TargetType = case(IsNamed, "ServicePrincipal", isnotnull(Changed), ChangedType, "Application"),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result), GroupName = Either(Properties, "Group.DisplayName"));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where TargetType =~ "ServicePrincipal"
  | where Operation =~ "Add member to group";
Arrived
| extend GroupName = substring(GroupName, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h), GroupName
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " made ", coalesce(AgentName, AgentId), " a member of the group ", coalesce(GroupName, "unknown"))
| project Detection = "agent-added-to-group", TenantId, AgentId, AgentName, AppId, ActorName, GroupName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      GroupName: 'GroupName'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent became a member of a group: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_agent_created_identity 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '5ace68dc-be71-5c07-a422-1a3ce93955e6'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent created a user or an application'
    description: '''
Identifies when an agent created a user or an application.

A new identity outlives the credential with which it was made. Few agents make identities, and those that do are known for it.

False positives:
- Provisioning agents and pipelines, whose work it is. Exclude them by AgentId.

Blind spots:
- An agent that calls itself as one of Microsoft's services that are left out.'''
    severity: 'Medium'
    enabled: contains(enabled, 'agent-created-identity') ? enabled['agent-created-identity'] : true
    query: '''
// agent-created-identity 1.0.0: An agent created a user or an application
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let DirectoryActions = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, IPAddress: string, Operation: string, Result: string,
    TargetName: string, TargetId: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend ActorId = tolower(coalesce(iff(isnotnull(InitiatedBy.app), tostring(Actor.servicePrincipalId), tostring(Actor.id)), tostring(Actor.appId)))
  | extend ActorAppId = tolower(tostring(Actor.appId))
  | where isnotempty(ActorId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ActorId,
    AgentName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    AppId = ActorAppId, Agentic = tolong(tostring(Actor.agentType) !in~ ("", "notAgentic")),
    Workload = tolong(isnotnull(InitiatedBy.app)), IPAddress = tostring(Actor.ipAddress),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    TargetName = coalesce(tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName)),
    TargetId = tolower(tostring(TargetResources[0].id)));
let Arrived = DirectoryActions
  | where Agentic == 1 or Workload == 1
  | where Result =~ "success"
  | where Operation in~ ("Add user", "Add application", "Add service principal", "Invite external user")
  | where not(AgentName in~ ("Microsoft Azure AD Internal - Jit-Provisioning", "Microsoft.Azure.SyncFabric", "Managed Service Identity"));
Arrived
| extend Operation = substring(Operation, 0, 256)
| extend TargetId = substring(TargetId, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, TargetName) by TenantId, AgentId, Hour = bin(EventTime, 1h), Operation, TargetId
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(AgentName, AgentId), " created ", coalesce(TargetName, "unknown"), " (", coalesce(Operation, "unknown"), ")")
| project Detection = "agent-created-identity", TenantId, AgentId, AgentName, AppId, IPAddress, TargetName, Operation, Hour, TargetId, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
    ]
    techniques: [
      'T1136'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Operation: 'Operation'
      TargetId: 'TargetId'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent created a user or an application: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_agent_enabled 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '609bd01f-ce5e-555c-b065-44e6a17cbccf'
  kind: 'Scheduled'
  properties: {
    displayName: 'A disabled agent was switched on again'
    description: '''
Identifies when a disabled agent was switched on again.

Agents are disabled when they are done or when something was wrong with them. Their permissions and credentials stay, so that switching one on is the shortest way to get all of them.

False positives:
- The end of a maintenance, or of an investigation that found nothing.

Blind spots:
- Agents that are restored after they were deleted.
- Agent users, whose accounts are users': see the audit log for Enable account.'''
    severity: 'Medium'
    enabled: contains(enabled, 'agent-enabled') ? enabled['agent-enabled'] : true
    query: '''
// agent-enabled 1.0.0: A disabled agent was switched on again
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let Setting = (Text: string) { tolower(replace_regex(Text, @"[\[\]]", "")) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Result: string, EnabledBefore: string, EnabledAfter: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Result = tolower(Result), EnabledBefore = Setting(Before(Properties, "AccountEnabled")),
    EnabledAfter = Setting(After(Properties, "AccountEnabled")));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where EnabledBefore =~ "false"
  | where EnabledAfter =~ "true";
Arrived
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h)
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " switched ", coalesce(AgentName, AgentId), " on again")
| project Detection = "agent-enabled", TenantId, AgentId, AgentName, AppId, ActorName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A disabled agent was switched on again: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_agent_granted_another 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '60294cee-4e21-58a5-af70-063eba14df00'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent granted another identity a permission or role'
    description: '''
Identifies when an agent granted another identity a permission or role.

Agents that may grant are few, and their grants are known. One that grants to an identity of its choice hands on its power, to where nobody looks.

False positives:
- Pipelines and Microsoft's own services that set up applications as they are meant to.

Blind spots:
- Grants to people and groups.
- Roles of Azure resources, which stand in other logs.'''
    severity: 'Medium'
    enabled: contains(enabled, 'agent-granted-another') ? enabled['agent-granted-another'] : true
    query: '''
// agent-granted-another 1.0.0: An agent granted another identity a permission or role
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let DirectoryActions = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, IPAddress: string, ChangedId: string, ChangedName: string,
    ChangedType: string, OnItself: long, Operation: string, Result: string, TargetName: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend ActorId = tolower(coalesce(iff(isnotnull(InitiatedBy.app), tostring(Actor.servicePrincipalId), tostring(Actor.id)), tostring(Actor.appId)))
  | extend ActorAppId = tolower(tostring(Actor.appId))
  | extend ChangedAppId = iff(isempty(ChangedId), "", iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)))
  | where isnotempty(ActorId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ActorId,
    AgentName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    AppId = ActorAppId, Agentic = tolong(tostring(Actor.agentType) !in~ ("", "notAgentic")),
    Workload = tolong(isnotnull(InitiatedBy.app)), IPAddress = tostring(Actor.ipAddress), ChangedId,
    ChangedName = iff(isempty(ChangedId), "", case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName"))),
    ChangedType = iff(isempty(ChangedId), "", case(IsNamed, "ServicePrincipal", isnotnull(Changed), ChangedType, "Application")),
    OnItself = tolong(isnotempty(ChangedId) and (ActorId == ChangedId or ActorId == ChangedAppId or (isnotempty(ActorAppId) and ActorAppId == ChangedAppId))),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    TargetName = coalesce(tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName)));
let Arrived = DirectoryActions
  | where Agentic == 1 or Workload == 1
  | where Result =~ "success"
  | where OnItself == 0
  | where ChangedType in~ ("ServicePrincipal", "Application")
  | where Operation in~ ("Add app role assignment to service principal", "Add member to role", "Add eligible member to role", "Add delegated permission grant", "Consent to application");
Arrived
| extend Operation = substring(Operation, 0, 256)
| extend ChangedId = substring(ChangedId, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, ChangedName, TargetName) by TenantId, AgentId, Hour = bin(EventTime, 1h), Operation, ChangedId
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(AgentName, AgentId), " granted ", coalesce(ChangedName, "unknown"), " something: ", coalesce(Operation, "unknown"), ", on ", coalesce(TargetName, "unknown"))
| project Detection = "agent-granted-another", TenantId, AgentId, AgentName, AppId, IPAddress, ChangedName, Operation, TargetName, Hour, ChangedId, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'PrivilegeEscalation'
      'Persistence'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Operation: 'Operation'
      ChangedId: 'ChangedId'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent granted another identity a permission or role: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_agent_granted_itself 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'e1b038a0-326a-5d13-815d-387d546e4bfd'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent granted itself a permission or role'
    description: '''
Identifies when an agent granted itself a permission or role.

No owner has an agent widen its own rights. Whoever has taken over an agent that may grant does so first of all.

False positives:
- A deployment pipeline that sets up its own service principal.

Blind spots:
- A second agent that grants it to the first (see agent-granted-another).
- Roles of Azure resources, which stand in other logs.'''
    severity: 'High'
    enabled: contains(enabled, 'agent-granted-itself') ? enabled['agent-granted-itself'] : true
    query: '''
// agent-granted-itself 1.0.0: An agent granted itself a permission or role
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let DirectoryActions = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, IPAddress: string, OnItself: long, Operation: string, Result: string,
    TargetName: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend ActorId = tolower(coalesce(iff(isnotnull(InitiatedBy.app), tostring(Actor.servicePrincipalId), tostring(Actor.id)), tostring(Actor.appId)))
  | extend ActorAppId = tolower(tostring(Actor.appId))
  | extend ChangedAppId = iff(isempty(ChangedId), "", iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)))
  | where isnotempty(ActorId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ActorId,
    AgentName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    AppId = ActorAppId, Agentic = tolong(tostring(Actor.agentType) !in~ ("", "notAgentic")),
    Workload = tolong(isnotnull(InitiatedBy.app)), IPAddress = tostring(Actor.ipAddress),
    OnItself = tolong(isnotempty(ChangedId) and (ActorId == ChangedId or ActorId == ChangedAppId or (isnotempty(ActorAppId) and ActorAppId == ChangedAppId))),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    TargetName = coalesce(tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName)));
let Arrived = DirectoryActions
  | where Agentic == 1 or Workload == 1
  | where Result =~ "success"
  | where OnItself == 1
  | where Operation in~ ("Add app role assignment to service principal", "Add member to role", "Add eligible member to role", "Add delegated permission grant", "Consent to application", "Add owner to application", "Add owner to service principal");
Arrived
| extend Operation = substring(Operation, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, TargetName) by TenantId, AgentId, Hour = bin(EventTime, 1h), Operation
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(AgentName, AgentId), " granted itself something: ", coalesce(Operation, "unknown"), ", on ", coalesce(TargetName, "unknown"))
| project Detection = "agent-granted-itself", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, TargetName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'PrivilegeEscalation'
      'Persistence'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Operation: 'Operation'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent granted itself a permission or role: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_agent_risk_high 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '78b3e27d-eb19-5cf6-be8d-c0e6a87ded3b'
  kind: 'Scheduled'
  properties: {
    displayName: 'The alerts of an agent add up to a high risk'
    description: '''
Identifies when the alerts of an agent add up to a high risk.

A new network, a new resource, a new credential: each has a harmless reason more often than not. All of them at one agent within days seldom have. This is the alert to begin with.

False positives:
- A large change of what the agent does, as a migration, which raises many alerts at once. Suppress these.

Blind spots:
- The audit log names an application by another id than its agent has: what was done to the application is the risk of that id.
- In Sentinel, alerts that are written more than four hours after their hour count only from the next hours on; a level that they alone bring about is not told.
- Detections that are switched off add nothing.'''
    severity: 'High'
    enabled: contains(enabled, 'agent-risk-high') ? enabled['agent-risk-high'] : true
    query: '''
// agent-risk-high 1.0.0: The alerts of an agent add up to a high risk
let EvaluationTime = now();
let Delay = 240m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let Detail = (Properties: string, Name: string) { tostring(parse_json(tostring(parse_json(Properties)["Custom Details"]))[Name][0]) };
let AboutTime = (Properties: string, Written: datetime) { iff(todatetime(Detail(Properties, "Hour")) between ((Written - 14d) .. Written), todatetime(Detail(Properties, "Hour")), Written) };
let AgentAlerts = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Detection: string, AlertSeverity: string)[]),
    (SecurityAlert
    | where TimeGenerated >= From
    | where AboutTime(ExtendedProperties, TimeGenerated) >= From and AboutTime(ExtendedProperties, TimeGenerated) < To
    | where isnotempty(Detail(ExtendedProperties, "Detection")) and isnotempty(Detail(ExtendedProperties, "AgentId"))
    | project EventTime = AboutTime(ExtendedProperties, TimeGenerated), TenantId = "",
      AgentId = tolower(Detail(ExtendedProperties, "AgentId")),
      AgentName = Detail(ExtendedProperties, "AgentName"),
      AppId = tolower(Detail(ExtendedProperties, "AppId")),
      Detection = Detail(ExtendedProperties, "Detection"), AlertSeverity)
};
let Rows = (From: datetime, To: datetime) {
  AgentAlerts(From, To)
};
let Weight = (Age: long) { (144 - Age % 72) * case(Age < 72, 16, Age < 144, 8, Age < 216, 4, Age < 288, 2, 1) };
let Judged = Rows(Start, End)
  | summarize arg_min(EventTime, AgentName, AppId) by TenantId, AgentId;
let Hours = materialize(Rows(WindowStart, End)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Detection = substring(Detection, 0, 256), Points = case(AlertSeverity =~ "low", 10, AlertSeverity =~ "medium", 25, AlertSeverity =~ "high", 50, 1)
  | summarize Points = max(Points) by TenantId, AgentId, Detection, Hour = bin(EventTime, 1h));
let Risk = (Last: datetime) {
  Hours
  | extend Age = tolong((Last - Hour) / 1h)
  | where Age >= 0 and Age < 312
  | extend Value = Points * Weight(Age)
  | sort by TenantId asc, AgentId asc, Detection asc, Value desc
  | extend Place = row_number(0, TenantId != prev(TenantId) or AgentId != prev(AgentId) or Detection != prev(Detection))
  | where Place <= 8
  | summarize Units = sum(Value * iff(Place == 0, 8, 1)) by TenantId, AgentId, Detection
  | sort by TenantId asc, AgentId asc, Units desc, Detection asc
  | summarize Detections = count(), Causes = make_list(strcat(Detection, " (", Units / 18432, ")")), Units = sum(Units) by TenantId, AgentId
  | where Units >= 1290240
};
Judged
| join kind=inner Risk(Start) on TenantId, AgentId
| join kind=leftanti Risk(Start - 1h) on TenantId, AgentId
| extend Observed = Units / 18432, Level = "high", Least = 70, Causes = strcat_array(array_slice(Causes, 0, 4), ", ")
| extend Basis = strcat("alerts of ", Detections, " detections in the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " is at ", Level, " risk: ", Observed, " points of the last 13 days, most of them from ", Causes)
| project Detection = "agent-risk-high", TenantId, AgentId, AgentName, AppId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'The alerts of an agent add up to a high risk: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_agent_stopped 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '74c5265b-e877-54c9-a457-6e54ee700eee'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent that always works has stopped'
    description: '''
Identifies when an agent that always works has stopped.

An agent that signs in day and night and then does not is broken, was switched off, or had its credential taken away. Whoever replaces it with something else, or hides what it would report, begins like this.

False positives:
- An agent that was retired or replaced. Say so in the change, and ask its owner.
- An outage of what the agent runs on.

Blind spots:
- Agents that rest at night or on weekends.
- Agents whose failures go on; see failed-access-burst and rejected-credential-burst.
- When all of them stop, it is the logs, which the daemon tells (category-silent).'''
    severity: 'Low'
    enabled: contains(enabled, 'agent-stopped') ? enabled['agent-stopped'] : true
    query: '''
// agent-stopped 1.0.0: An agent that always works has stopped
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, IdentityType: string, ResultType: string, IPAddress: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      IdentityType = "ServicePrincipal", ResultType, IPAddress, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), IdentityType = "ManagedIdentity",
      ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      IdentityType = iff(IsOnBehalf, "OnBehalfOf", iff(IsAgentUser(tostring(Agent)), "AgentUser", "User")),
      ResultType, IPAddress, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      IdentityType = iff(IsOnBehalf, "OnBehalfOf", iff(IsAgentUser(tostring(Agent)), "AgentUser", "User")),
      ResultType, IPAddress, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where IdentityType =~ "ServicePrincipal"
  | where ResultType =~ "0"
};
let Hours = materialize(Rows(WindowStart, End)
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h));
let Working = Hours
  | where Hour == Start
  | summarize by TenantId;
let Silent = Hours
  | summarize LastHour = max(Hour), ActiveHours = count() by TenantId, AgentId
  | where LastHour == Start - 12h and ActiveHours >= 234
  | join kind=leftsemi Working on TenantId;
Rows(Start - 12h, Start - 12h + 1h)
| join kind=inner Silent on TenantId, AgentId
| summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId, LastHour, ActiveHours
| extend SilentHours = tolong(12), Last = format_datetime(LastHour, "yyyy-MM-dd HH:mm")
| extend Observed = SilentHours
| extend Basis = strcat("active in ", ActiveHours, " of the 312 hours before, last at ", Last, " UTC")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " has not signed in for ", SilentHours, " hours, last at ", Last, "; it was active in ", ActiveHours, " of the 312 hours before")
| project Detection = "agent-stopped", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Impact'
    ]
    techniques: [
      'T1489'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent that always works has stopped: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_azure_owner_role_assigned 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'c0996b8e-47b5-5d88-a532-5e8c3fa29aa5'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent was given control over who may do what in Azure'
    description: '''
Identifies when an agent was given control over who may do what in Azure.

These roles can give every other role, to the agent itself or to anybody. An agent that runs in Azure needs a role for its task, hardly ever one that gives roles.

False positives:
- A pipeline that sets up whole subscriptions. Ask whether its role can be bound by a condition.
- A request that Azure then refuses.

Blind spots:
- Roles of one's own making that allow the same.
- Assignments to a group that the agent is in, and those that were there before the logs begin.'''
    severity: 'High'
    enabled: contains(enabled, 'azure-owner-role-assigned') ? enabled['azure-owner-role-assigned'] : true
    query: '''
// azure-owner-role-assigned 1.0.0: An agent was given control over who may do what in Azure
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let AzureChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, Operation: string, Result: string, ActorName: string,
    RoleName: string, Scope: string)[]),
  (AzureActivity
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend Operation = tolower(OperationNameValue)
  | extend Entity = tolower(tostring(Properties_d.entity))
  | extend IsSetting = Operation contains "/diagnosticsettings/" and isnotempty(Entity)
  | extend Body = parse_json(coalesce(tostring(Properties_d.requestbody), tostring(Properties_d.responseBody)))
  | extend Principal = iff(Operation == "microsoft.authorization/roleassignments/write", tolower(coalesce(tostring(Body.Properties.PrincipalId), tostring(Body.properties.principalId))), "")
  | extend Role = iff(isempty(Principal), "", tolower(extract("([^/]+)$", 1, coalesce(tostring(Body.Properties.RoleDefinitionId), tostring(Body.properties.roleDefinitionId)))))
  | extend SignedInUser = tostring(Claims_d["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"])
  | extend SignedInApp = tostring(Claims_d["appid"])
  | where IsSetting or isnotempty(Principal)
  | project EventTime = TimeGenerated,
    TenantId = tolower(tostring(Claims_d["http://schemas.microsoft.com/identity/claims/tenantid"])),
    AgentId = iff(IsSetting, Entity, Principal), AgentName = "", AppId = "", Agentic = tolong(IsSetting),
    Workload = tolong(isnotempty(Principal) and coalesce(tostring(Body.Properties.PrincipalType), tostring(Body.properties.principalType)) =~ "ServicePrincipal"),
    Operation, Result = tolower(ActivityStatusValue), ActorName = coalesce(SignedInUser, SignedInApp),
    RoleName = case(Role == "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", Role == "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", Role == "f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator", Role == "b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", Role == "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "Virtual Machine Contributor", Role == "f353d9bd-d4a6-484e-a77a-8050b599b867", "Automation Contributor", Role == "f1a07417-d97a-45cb-824c-7a7467783830", "Managed Identity Operator", Role == "00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator", Role == "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer", Role == "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Storage Blob Data Owner", Role == "81a9662b-bebf-436f-a333-f67b29880f12", "Storage Account Key Operator Service Role", ""),
    Scope = iff(isempty(Principal), "", coalesce(tostring(split(Entity, "/providers/microsoft.authorization/")[0]), "/")));
let Arrived = AzureChanges
  | where Agentic == 1 or Workload == 1
  | where Operation =~ "microsoft.authorization/roleassignments/write"
  | where Result in~ ("start", "success")
  | where RoleName in~ ("Owner", "User Access Administrator", "Role Based Access Control Administrator");
Arrived
| extend RoleName = substring(RoleName, 0, 256)
| extend Scope = substring(Scope, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h), RoleName, Scope
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " gave an agent the role ", coalesce(RoleName, "unknown"), " of Azure at ", coalesce(Scope, "unknown"))
| project Detection = "azure-owner-role-assigned", TenantId, AgentId, AgentName, AppId, ActorName, RoleName, Scope, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      RoleName: 'RoleName'
      Scope: 'Scope'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent was given control over who may do what in Azure: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_blueprint_changed 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '81782f60-b5e6-529e-b057-173f7af6d0d5'
  kind: 'Scheduled'
  properties: {
    displayName: 'The blueprint of agents was changed'
    description: '''
Identifies when the blueprint of agents was changed.

A blueprint holds the credentials of all agent identities made from it, and what they inherit. A change of it is a change of every one of them.

False positives:
- A release by the team whose blueprint it is.

Blind spots:
- Tenants whose audit log does not say which applications are blueprints.
- Credentials, which credential-added and federated-credential-added report.'''
    severity: 'Medium'
    enabled: contains(enabled, 'blueprint-changed') ? enabled['blueprint-changed'] : true
    query: '''
// blueprint-changed 1.0.0: The blueprint of agents was changed
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let Keys = (Text: string) { extract_all(@"(KeyIdentifier=[^,\]]{1,100},KeyType=[^,\]]{1,100})", Text) };
let AsList = (Text: string) { iff(array_length(parse_json(Text)) > 0, parse_json(Text), dynamic([{}])) };
let Subject = (Trust: dynamic) { coalesce(tostring(Trust.Subject), tostring(Trust.ClaimsMatchingExpressionValue)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    AgentType: string, ActorName: string, Operation: string, Result: string, CredentialsAdded: long,
    UpdatedProperties: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | mv-apply Target = TargetResources on (
    summarize AgentTypes = make_bag(bag_pack(tolower(tostring(Target.id)), tostring(Target.agentType))))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend KeysAdded = set_difference(Keys(After(Properties, "KeyDescription")), Keys(Before(Properties, "KeyDescription")))
  | mv-apply Trust = AsList(After(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsAfter = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))
  | mv-apply Trust = AsList(Before(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsBefore = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))
  | extend TrustsAdded = set_difference(TrustsAfter, TrustsBefore)
  | extend ChangedAgentType = tostring(AgentTypes[ChangedId])
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    AgentType = ChangedAgentType,
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    CredentialsAdded = coalesce(array_length(KeysAdded), 0) + coalesce(array_length(TrustsAdded), 0),
    UpdatedProperties = Either(Properties, "Included Updated Properties"));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where AgentType in~ ("agenticApp", "agenticAppBuilder", "agentIdentityBlueprintPrincipal")
  | where Operation startswith "Update"
  | where CredentialsAdded == 0;
Arrived
| extend Operation = substring(Operation, 0, 256)
| extend UpdatedProperties = substring(UpdatedProperties, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h), Operation, UpdatedProperties
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " changed the blueprint ", coalesce(AgentName, AgentId), " (", coalesce(Operation, "unknown"), ": ", coalesce(UpdatedProperties, "unknown"), ")")
| project Detection = "blueprint-changed", TenantId, AgentId, AgentName, AppId, ActorName, Operation, UpdatedProperties, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Operation: 'Operation'
      UpdatedProperties: 'UpdatedProperties'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'The blueprint of agents was changed: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_conditional_access_block_burst 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '8b36a5d6-bdff-5a86-bbd0-8dc8ea664f8e'
  kind: 'Scheduled'
  properties: {
    displayName: 'Conditional Access blocks an agent again and again'
    description: '''
Identifies when conditional Access blocks an agent again and again.

A policy keeps the agent from what it tries: a place, a risk, a resource. If the policy is not new, what the agent does is.

False positives:
- A new or changed policy that was not meant for the agent.

Blind spots:
- Policies in report-only mode.
- An agent that was blocked as often before.'''
    severity: 'Medium'
    enabled: contains(enabled, 'conditional-access-block-burst') ? enabled['conditional-access-block-burst'] : true
    query: '''
// conditional-access-block-burst 1.0.0: Conditional Access blocks an agent again and again
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, ResultType: string, IPAddress: string,
      AzureResourceId: string, Id: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADServicePrincipalSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, AzureResourceId = "", Id),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADManagedIdentitySignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(1), ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId), Id),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "AADNonInteractiveUserSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      AzureResourceId = "", Id),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "SigninLogs", TenantId = tolower(AADTenantId),
      AgentId = tolower(SubjectId), AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName),
      AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType,
      IPAddress, AzureResourceId = "", Id)
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | where ResultType =~ "53003"
  | summarize Once = take_any(tolong(1)), All = sum(tolong(1)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId, Type, Id
  | summarize Observed = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId
  | where Observed > real(5);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Amount = iff(ResultType =~ "53003", tolong(1), tolong(0))
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, Hour);
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(5), Median + real(8) * max_of(1.4826 * Mad, real(1) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat("Conditional Access blocked ", coalesce(AgentName, AgentId), " ", Observed, " times within an hour; usual are ", Median, ", the limit ", Threshold)
| project Detection = "conditional-access-block-burst", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Conditional Access blocks an agent again and again: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_conditional_access_changed 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'e72df40c-0b2e-5bac-badf-1e2040e69cfb'
  kind: 'Scheduled'
  properties: {
    displayName: 'A Conditional Access policy for agents was added or changed'
    description: '''
Identifies when a Conditional Access policy for agents was added or changed.

What a policy for agents says decides what stops them. A change that weakens it openly is reported by conditional-access-weakened; this one is for the record, and for looking up when agents are blocked.

False positives:
- Every planned change.

Blind spots:
- Policies for people, under which an agent acts on somebody's behalf.
- Named locations and authentication strengths, which policies refer to.'''
    severity: 'Informational'
    enabled: contains(enabled, 'conditional-access-changed') ? enabled['conditional-access-changed'] : true
    query: '''
// conditional-access-changed 1.0.0: A Conditional Access policy for agents was added or changed
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Listed = (List: dynamic) { iff(array_length(List) > 0, List, dynamic([])) };
let Included = (Policy: dynamic) { array_concat(Listed(Policy.conditions.clientApplications["includeServicePrincipals"]), Listed(Policy.conditions.clientApplications["includeAgentIdServicePrincipals"])) };
let Excluded = (Policy: dynamic) { array_concat(Listed(Policy.conditions.clientApplications["excludeServicePrincipals"]), Listed(Policy.conditions.clientApplications["excludeAgentIdServicePrincipals"])) };
let IsAboutAgents = (Policy: dynamic) { array_length(Included(Policy)) > 0 or tostring(Policy.conditions.servicePrincipalRiskLevels) !in ("", "[]") or tostring(Policy.conditions.agentIdRiskLevels) !in ("", "[]") };
let PolicyChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, Operation: string, Result: string, ActorName: string,
    StateBefore: string, StateAfter: string, ExclusionsAdded: long, InclusionsRemoved: long,
    AboutAgents: long)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    summarize PolicyAt = minif(Place, tostring(Target.type) == "Policy"))
  | extend PolicyId = tolower(tostring(TargetResources[PolicyAt].id))
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend PolicyBefore = parse_json(Before(Properties, "ConditionalAccessPolicy"))
  | extend PolicyAfter = parse_json(After(Properties, "ConditionalAccessPolicy"))
  | where isnotempty(PolicyId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = PolicyId,
    AgentName = tostring(TargetResources[PolicyAt].displayName), AppId = "", Agentic = tolong(1),
    Workload = tolong(0),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    StateBefore = tostring(PolicyBefore.state), StateAfter = tostring(PolicyAfter.state),
    ExclusionsAdded = array_length(set_difference(Excluded(PolicyAfter), Excluded(PolicyBefore))),
    InclusionsRemoved = array_length(set_difference(Included(PolicyBefore), Included(PolicyAfter))),
    AboutAgents = tolong(IsAboutAgents(PolicyBefore) or IsAboutAgents(PolicyAfter)));
let Arrived = PolicyChanges
  | where Agentic == 1 or Workload == 1
  | where Result =~ "success"
  | where AboutAgents == 1
  | where not(Operation startswith "Delete" or (StateBefore =~ "enabled" and not(StateAfter =~ "enabled")) or (isnotnull(ExclusionsAdded) and ExclusionsAdded >= 1) or (isnotnull(InclusionsRemoved) and InclusionsRemoved >= 1));
Arrived
| extend Operation = substring(Operation, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, StateAfter) by TenantId, AgentId, Hour = bin(EventTime, 1h), Operation
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " changed the Conditional Access policy ", coalesce(AgentName, AgentId), " (", coalesce(Operation, "unknown"), "), which is ", coalesce(StateAfter, "unknown"))
| project Detection = "conditional-access-changed", TenantId, AgentId, AgentName, AppId, ActorName, Operation, StateAfter, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'DefenseEvasion'
    ]
    techniques: [
      'T1556'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Operation: 'Operation'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A Conditional Access policy for agents was added or changed: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_conditional_access_weakened 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '98e11179-04ba-5b65-aa39-9ff54bbc282e'
  kind: 'Scheduled'
  properties: {
    displayName: 'A Conditional Access policy for agents was switched off, deleted, or given exceptions'
    description: '''
Identifies when a Conditional Access policy for agents was switched off, deleted, or given exceptions.

Conditional Access is the only gate between an agent's credential and the tenant's data. Whoever holds the one opens the other first.

False positives:
- A policy that is replaced by another one, or an exception that was agreed on.

Blind spots:
- Policies for people, under which an agent acts on somebody's behalf.
- Conditions other than whom the policy is for: its resources, networks and named locations (see conditional-access-changed).'''
    severity: 'High'
    enabled: contains(enabled, 'conditional-access-weakened') ? enabled['conditional-access-weakened'] : true
    query: '''
// conditional-access-weakened 1.0.0: A Conditional Access policy for agents was switched off, deleted, or given exceptions
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Listed = (List: dynamic) { iff(array_length(List) > 0, List, dynamic([])) };
let Included = (Policy: dynamic) { array_concat(Listed(Policy.conditions.clientApplications["includeServicePrincipals"]), Listed(Policy.conditions.clientApplications["includeAgentIdServicePrincipals"])) };
let Excluded = (Policy: dynamic) { array_concat(Listed(Policy.conditions.clientApplications["excludeServicePrincipals"]), Listed(Policy.conditions.clientApplications["excludeAgentIdServicePrincipals"])) };
let IsAboutAgents = (Policy: dynamic) { array_length(Included(Policy)) > 0 or tostring(Policy.conditions.servicePrincipalRiskLevels) !in ("", "[]") or tostring(Policy.conditions.agentIdRiskLevels) !in ("", "[]") };
let PolicyChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, Operation: string, Result: string, ActorName: string,
    StateBefore: string, StateAfter: string, ExclusionsAdded: long, InclusionsRemoved: long,
    AboutAgents: long)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    summarize PolicyAt = minif(Place, tostring(Target.type) == "Policy"))
  | extend PolicyId = tolower(tostring(TargetResources[PolicyAt].id))
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend PolicyBefore = parse_json(Before(Properties, "ConditionalAccessPolicy"))
  | extend PolicyAfter = parse_json(After(Properties, "ConditionalAccessPolicy"))
  | where isnotempty(PolicyId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = PolicyId,
    AgentName = tostring(TargetResources[PolicyAt].displayName), AppId = "", Agentic = tolong(1),
    Workload = tolong(0),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    StateBefore = tostring(PolicyBefore.state), StateAfter = tostring(PolicyAfter.state),
    ExclusionsAdded = array_length(set_difference(Excluded(PolicyAfter), Excluded(PolicyBefore))),
    InclusionsRemoved = array_length(set_difference(Included(PolicyBefore), Included(PolicyAfter))),
    AboutAgents = tolong(IsAboutAgents(PolicyBefore) or IsAboutAgents(PolicyAfter)));
let Arrived = PolicyChanges
  | where Agentic == 1 or Workload == 1
  | where Result =~ "success"
  | where AboutAgents == 1
  | where Operation startswith "Delete" or (StateBefore =~ "enabled" and not(StateAfter =~ "enabled")) or (isnotnull(ExclusionsAdded) and ExclusionsAdded >= 1) or (isnotnull(InclusionsRemoved) and InclusionsRemoved >= 1);
Arrived
| extend Operation = substring(Operation, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, ExclusionsAdded, InclusionsRemoved, StateBefore) by TenantId, AgentId, Hour = bin(EventTime, 1h), Operation
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " weakened the Conditional Access policy ", coalesce(AgentName, AgentId), ": ", coalesce(Operation, "unknown"), ", ", coalesce(tostring(ExclusionsAdded), "unknown"), " identities excluded and ", coalesce(tostring(InclusionsRemoved), "unknown"), " no longer included; it was ", coalesce(StateBefore, "unknown"))
| project Detection = "conditional-access-weakened", TenantId, AgentId, AgentName, AppId, ActorName, Operation, ExclusionsAdded, InclusionsRemoved, StateBefore, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'DefenseEvasion'
      'Persistence'
    ]
    techniques: [
      'T1556'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Operation: 'Operation'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A Conditional Access policy for agents was switched off, deleted, or given exceptions: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_confirmed_compromised 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'dcd55376-8201-5a55-a7f9-9b3d058a4d77'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent was confirmed compromised'
    description: '''
Identifies when an agent was confirmed compromised.

An administrator, or Microsoft, is sure that somebody else acts as the agent. What it did since must be looked at, and what it may do taken from it.

False positives:
- An exercise.

Blind spots:
- What nobody has confirmed.
- Managed identities, which Entra does not judge.'''
    severity: 'High'
    enabled: contains(enabled, 'confirmed-compromised') ? enabled['confirmed-compromised'] : true
    query: '''
// confirmed-compromised 1.0.0: An agent was confirmed compromised
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let RiskEvents = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    RiskEventType: string, RiskState: string, RiskDetail: string, IPAddress: string)[]),
  (AADAgentRiskEvents
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(AgentId)
  | project EventTime = ActivityDateTime, TenantId = "", AgentId = tolower(AgentId),
    AgentName = AgentDisplayName, AppId = "", RiskEventType, RiskState, RiskDetail, IPAddress = ""),
  (AADRiskyAgents
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(Id)
  | project EventTime = RiskLastModifiedDateTime, TenantId = "", AgentId = tolower(Id),
    AgentName = AgentDisplayName, AppId = "", RiskEventType = "", RiskState, RiskDetail, IPAddress = ""),
  (AADServicePrincipalRiskEvents
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(ServicePrincipalId)
  | project EventTime = ActivityDateTime, TenantId = "", AgentId = tolower(ServicePrincipalId),
    AgentName = ServicePrincipalDisplayName, AppId = tolower(AppId), RiskEventType, RiskState,
    RiskDetail, IPAddress = IpAddress),
  (AADRiskyServicePrincipals
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(Id)
  | project EventTime = RiskLastUpdatedDateTime, TenantId = "", AgentId = tolower(Id), AgentName = DisplayName,
    AppId = tolower(AppId), RiskEventType = "", RiskState, RiskDetail, IPAddress = "");
let Arrived = RiskEvents
  | where RiskState =~ "confirmedCompromised" or RiskEventType in~ ("adminConfirmedAgentCompromised", "adminConfirmedServicePrincipalCompromised")
  | where not(RiskState in~ ("dismissed", "confirmedSafe", "remediated"));
Arrived
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, RiskDetail) by TenantId, AgentId, Hour = bin(EventTime, 1h)
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(AgentName, AgentId), " was confirmed compromised (", coalesce(RiskDetail, "unknown"), ")")
| project Detection = "confirmed-compromised", TenantId, AgentId, AgentName, AppId, IPAddress, RiskDetail, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent was confirmed compromised: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_credential_added 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '189b7a9a-18a5-559e-b864-ffcf19acca17'
  kind: 'Scheduled'
  properties: {
    displayName: 'A credential was added to an agent'
    description: '''
Identifies when a credential was added to an agent.

Whoever can add a secret or certificate to an agent can act as it from anywhere. It is the most common way to keep access in Entra.

False positives:
- A planned rotation by the owner or by a pipeline.

Blind spots:
- A credential added before the logs begin.
- Federated credentials (see federated-credential-added).'''
    severity: 'Medium'
    enabled: contains(enabled, 'credential-added') ? enabled['credential-added'] : true
    query: '''
// credential-added 1.0.0: A credential was added to an agent
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let Keys = (Text: string) { extract_all(@"(KeyIdentifier=[^,\]]{1,100},KeyType=[^,\]]{1,100})", Text) };
let AsList = (Text: string) { iff(array_length(parse_json(Text)) > 0, parse_json(Text), dynamic([{}])) };
let Subject = (Trust: dynamic) { coalesce(tostring(Trust.Subject), tostring(Trust.ClaimsMatchingExpressionValue)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Operation: string, Result: string, CredentialsAdded: long, CredentialId: string,
    CredentialKind: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend KeysAdded = set_difference(Keys(After(Properties, "KeyDescription")), Keys(Before(Properties, "KeyDescription")))
  | mv-apply Trust = AsList(After(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsAfter = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))
  | mv-apply Trust = AsList(Before(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsBefore = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))
  | extend TrustsAdded = set_difference(TrustsAfter, TrustsBefore)
  | extend KeyAdded = tostring(KeysAdded[0])
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    CredentialsAdded = coalesce(array_length(KeysAdded), 0) + coalesce(array_length(TrustsAdded), 0),
    CredentialId = iff(isnotempty(KeyAdded), tolower(extract("KeyIdentifier=([^,]+)", 1, KeyAdded)), extract(@"^[^ ]* (.*)$", 1, tostring(TrustsAdded[0]))),
    CredentialKind = iff(isnotempty(KeyAdded), extract("KeyType=(.+)$", 1, KeyAdded), iff(array_length(TrustsAdded) > 0, "Federated", "")));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where (isnotnull(CredentialsAdded) and CredentialsAdded >= 1)
  | where Operation in~ ("Add service principal credentials", "Update application - Certificates and secrets management", "Update service principal", "Update application")
  | where not(ActorName =~ "Managed Service Identity" or CredentialKind =~ "Federated");
Arrived
| extend CredentialId = substring(CredentialId, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, CredentialKind) by TenantId, AgentId, Hour = bin(EventTime, 1h), CredentialId
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " added a credential (", coalesce(CredentialKind, "unknown"), " ", coalesce(CredentialId, "unknown"), ") to ", coalesce(AgentName, AgentId))
| project Detection = "credential-added", TenantId, AgentId, AgentName, AppId, ActorName, CredentialKind, CredentialId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      CredentialId: 'CredentialId'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A credential was added to an agent: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_credential_added_then_used_elsewhere 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'bac09557-614e-5c5c-82a9-8a450499f4df'
  kind: 'Scheduled'
  properties: {
    displayName: 'A credential was added to an agent and then used from a new place'
    description: '''
Identifies when a credential was added to an agent and then used from a new place.

An owner who rotates a credential goes on running the agent where it always ran. Whoever adds one to steal the agent uses it from elsewhere: the two together are how agents are taken over.

False positives:
- The agent moves to another host or region, and gets a credential of its own there.

Blind spots:
- A thief who works from the agent's own network and country.
- Federated credentials, which sign-ins name by another id than the audit log does.
- Several credentials added at once: the audit log's row names the first.'''
    severity: 'High'
    enabled: contains(enabled, 'credential-added-then-used-elsewhere') ? enabled['credential-added-then-used-elsewhere'] : true
    query: '''
// credential-added-then-used-elsewhere 1.0.0: A credential was added to an agent and then used from a new place
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResultType: string, IPAddress: string, Location: string,
      AutonomousSystemNumber: string, CredentialId: string, AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, Location, AutonomousSystemNumber,
      CredentialId = coalesce(ServicePrincipalCredentialKeyId, ServicePrincipalCredentialThumbprint, FederatedCredentialId),
      AzureResourceId = ""),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AutonomousSystemNumber, CredentialId = FederatedCredentialId, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AutonomousSystemNumber, CredentialId = FederatedCredentialId, AzureResourceId = "")
};
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let Keys = (Text: string) { extract_all(@"(KeyIdentifier=[^,\]]{1,100},KeyType=[^,\]]{1,100})", Text) };
let AgentChanges = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AppId: string, ActorName: string,
      Result: string, KeyId: string)[]),
    (AuditLogs
    | where TimeGenerated >= From
    | where ActivityDateTime >= From and ActivityDateTime < To
    | mv-apply Target = TargetResources on (
      mv-expand Property = Target.modifiedProperties
      | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
    | mv-apply with_itemindex=Place Target = TargetResources on (
      extend Kind = tostring(Target.type)
      | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
        SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
        FirstApplication = minif(Place, Kind == "Application"),
        FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
    | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
    | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
    | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
    | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
      or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
      or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
    | extend Changed = coalesce(FirstPrincipal, FirstApplication)
    | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
      IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
    | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
      Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
    | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
    | extend KeysAdded = set_difference(Keys(After(Properties, "KeyDescription")), Keys(Before(Properties, "KeyDescription")))
    | extend KeyAdded = tostring(KeysAdded[0])
    | where isnotempty(ChangedId)
    | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
      AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
      ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
      Result = tolower(Result), KeyId = tolower(extract("KeyIdentifier=([^,]+)", 1, KeyAdded)))
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Companions = materialize(AgentChanges(Start - 13d, End)
  | where Result =~ "success"
  | mv-expand Meeting = pack_array(AgentId, AppId) to typeof(string)
  | where isnotempty(Meeting)
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms), On0 = tolower(substring(KeyId, 0, 256)), AfterActorName = ActorName);
let Accompanied = Rows(Start, End)
  | extend At = bin(EventTime, 1ms), On0 = tolower(substring(CredentialId, 0, 256))
  | mv-expand Meeting = pack_array(AgentId, AppId) to typeof(string)
  | where isnotempty(Meeting)
  | join kind=inner Companions on TenantId, Meeting, On0
  | where CompanionTime between (At - 13d .. At - 1ms) and isnotempty(On0)
  | summarize arg_max(CompanionTime, AfterActorName) by EventTime, TenantId, AgentId, AgentName, AppId, IPAddress, Location, AutonomousSystemNumber, CredentialId, AzureResourceId
  | extend AfterMinutes = tolong((bin(EventTime, 1ms) - CompanionTime) / 1m);
let Judged = Accompanied
  | extend Location = substring(Location, 0, 256), AutonomousSystemNumber = substring(AutonomousSystemNumber, 0, 256)
  | where isnotempty(Location) and isnotempty(AutonomousSystemNumber)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, CredentialId, AfterMinutes, AfterActorName) by TenantId, AgentId, Location, AutonomousSystemNumber;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend Location = substring(Location, 0, 256), AutonomousSystemNumber = substring(AutonomousSystemNumber, 0, 256)
  | where isnotempty(Location) and isnotempty(AutonomousSystemNumber)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), Location, AutonomousSystemNumber);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, Location, AutonomousSystemNumber
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Location, AutonomousSystemNumber
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = strcat_delim(" ", Location, AutonomousSystemNumber), Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in from ", coalesce(IPAddress, "unknown"), " in ", coalesce(Location, "unknown"), " (", coalesce(AutonomousSystemNumber, "unknown"), "), a place that is new to it, with credential ", coalesce(CredentialId, "unknown"), ", which ", coalesce(AfterActorName, "unknown"), " added ", AfterMinutes, " minutes earlier")
| project Detection = "credential-added-then-used-elsewhere", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Location, AutonomousSystemNumber, CredentialId, AfterMinutes, AfterActorName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'InitialAccess'
    ]
    techniques: [
      'T1098'
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Location: 'Location'
      AutonomousSystemNumb: 'AutonomousSystemNumber'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A credential was added to an agent and then used from a new place: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_credential_leaked 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '2676c600-8bbf-5335-ab90-4249bd4b0869'
  kind: 'Scheduled'
  properties: {
    displayName: 'A credential of an agent was found in public'
    description: '''
Identifies when a credential of an agent was found in public.

Entra found a valid credential of the agent in a place that anybody can read, a public repository for instance. Whoever reads it can act as the agent until it is removed.

False positives:
- A credential that was removed already. Close the risk in Entra.

Blind spots:
- Places that Entra does not search.
- Tenants without a licence for ID Protection of workload identities.'''
    severity: 'High'
    enabled: contains(enabled, 'credential-leaked') ? enabled['credential-leaked'] : true
    query: '''
// credential-leaked 1.0.0: A credential of an agent was found in public
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let RiskEvents = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    RecordKind: string, RiskEventType: string, RiskState: string, IPAddress: string)[]),
  (AADAgentRiskEvents
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(AgentId)
  | project EventTime = ActivityDateTime, TenantId = "", AgentId = tolower(AgentId),
    AgentName = AgentDisplayName, AppId = "", RecordKind = "Detection", RiskEventType, RiskState,
    IPAddress = ""),
  (AADRiskyAgents
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(Id)
  | project EventTime = RiskLastModifiedDateTime, TenantId = "", AgentId = tolower(Id),
    AgentName = AgentDisplayName, AppId = "", RecordKind = "State", RiskEventType = "", RiskState,
    IPAddress = ""),
  (AADServicePrincipalRiskEvents
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(ServicePrincipalId)
  | project EventTime = ActivityDateTime, TenantId = "", AgentId = tolower(ServicePrincipalId),
    AgentName = ServicePrincipalDisplayName, AppId = tolower(AppId), RecordKind = "Detection",
    RiskEventType, RiskState, IPAddress = IpAddress),
  (AADRiskyServicePrincipals
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(Id)
  | project EventTime = RiskLastUpdatedDateTime, TenantId = "", AgentId = tolower(Id), AgentName = DisplayName,
    AppId = tolower(AppId), RecordKind = "State", RiskEventType = "", RiskState, IPAddress = "");
let Arrived = RiskEvents
  | where RecordKind =~ "Detection"
  | where RiskEventType =~ "leakedCredentials"
  | where RiskState in~ ("atRisk", "confirmedCompromised");
Arrived
| extend RiskEventType = substring(RiskEventType, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId, Hour = bin(EventTime, 1h), RiskEventType
| extend Basis = "every such event is reported"
| extend Reason = strcat("Entra found a credential of ", coalesce(AgentName, AgentId), " in public")
| project Detection = "credential-leaked", TenantId, AgentId, AgentName, AppId, IPAddress, Hour, RiskEventType, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'CredentialAccess'
      'InitialAccess'
    ]
    techniques: [
      'T1552'
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      RiskEventType: 'RiskEventType'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A credential of an agent was found in public: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_credential_on_agent_identity_refused 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'e19f941b-3be0-5bc7-8a94-7a4a7c2bf7dd'
  kind: 'Scheduled'
  properties: {
    displayName: 'Somebody tried to put a credential on an agent identity'
    description: '''
Identifies when somebody tried to put a credential on an agent identity.

Agent identities have no credentials: their blueprint has them, and Entra refuses any other. Tools that were made to take over service principals do not know that.

False positives:
- A script of the owner's that treats agents like other applications.

Blind spots:
- Tenants whose audit log does not say which identities are agents.
- Update service principal that failed for another reason.'''
    severity: 'Medium'
    enabled: contains(enabled, 'credential-on-agent-identity-refused') ? enabled['credential-on-agent-identity-refused'] : true
    query: '''
// credential-on-agent-identity-refused 1.0.0: Somebody tried to put a credential on an agent identity
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, ActorName: string, Operation: string, Result: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | mv-apply Target = TargetResources on (
    summarize AgentTypes = make_bag(bag_pack(tolower(tostring(Target.id)), tostring(Target.agentType))))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend ChangedAgentType = tostring(AgentTypes[ChangedId])
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    Agentic = tolong(ChangedAgentType !in~ ("", "notAgentic")),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result));
let Arrived = AgentChanges
  | where Result =~ "failure"
  | where Agentic == 1
  | where Operation in~ ("Add service principal credentials", "Update application - Certificates and secrets management", "Update service principal");
Arrived
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, Operation) by TenantId, AgentId, Hour = bin(EventTime, 1h)
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " tried in vain to put a credential on ", coalesce(AgentName, AgentId), " (", coalesce(Operation, "unknown"), ")")
| project Detection = "credential-on-agent-identity-refused", TenantId, AgentId, AgentName, AppId, ActorName, Operation, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Somebody tried to put a credential on an agent identity: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_data_volume_spike 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '0ad20856-5947-51c4-aab9-a3d578a49962'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent pulls far more data through Microsoft Graph than usual'
    description: '''
Identifies when an agent pulls far more data through Microsoft Graph than usual.

Exfiltration shows in the size of the answers, whatever operations it goes through. Bytes are compared with the agent's own hours, so that a backup agent may pull gigabytes and a helpdesk bot may not.

False positives:
- A first full synchronisation, a migration, a report at the end of a quarter.

Blind spots:
- Answers that are streamed are logged with a size of 0.
- Uploads: only the size of answers is logged.
- Data pulled slowly, or not through Microsoft Graph.'''
    severity: 'High'
    enabled: contains(enabled, 'data-volume-spike') ? enabled['data-volume-spike'] : true
    query: '''
// data-volume-spike 1.0.0: Agent pulls far more data through Microsoft Graph than usual
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, ResponseSizeBytes: long, IPAddress: string, Id: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, Type = "MicrosoftGraphActivityLogs", TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      ResponseSizeBytes = tolong(ResponseSizeBytes), IPAddress, Id = RequestId)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | summarize Once = take_any(coalesce(ResponseSizeBytes, tolong(0))), All = sum(coalesce(ResponseSizeBytes, tolong(0))), arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId, Type, Id
  | summarize Observed = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId
  | where Observed > real(4000000);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Amount = coalesce(ResponseSizeBytes, tolong(0))
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, Hour);
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 24;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(4000000), Median + real(10) * max_of(1.4826 * Mad, real(3) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " received ", strcat(round(Observed / 1000000.0, 1), " MB"), " from Microsoft Graph within an hour; usual is ", strcat(round(Median / 1000000.0, 1), " MB"), ", the limit ", strcat(round(Threshold / 1000000.0, 1), " MB"))
| project Detection = "data-volume-spike", TenantId, AgentId, AgentName, AppId, IPAddress, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Exfiltration'
      'Collection'
    ]
    techniques: [
      'T1567'
      'T1119'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent pulls far more data through Microsoft Graph than usual: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_directory_read_burst 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '25424c16-1d75-58a4-9d53-06e9f986ec97'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent reads people, groups and applications in a burst'
    description: '''
Identifies when an agent reads people, groups and applications in a burst.

Before the theft comes the map: who there is, in which groups, with which roles. It is read page by page or one by one, far faster than any agent needs it.

False positives:
- A first full synchronisation, or an inventory tool.

Blind spots:
- Large pages, which need few calls (see data-volume-spike).
- An agent unknown so far.'''
    severity: 'Medium'
    enabled: contains(enabled, 'directory-read-burst') ? enabled['directory-read-burst'] : true
    query: '''
// directory-read-burst 1.0.0: An agent reads people, groups and applications in a burst
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, Access: string, Operation: string,
      GraphResource: string, ResponseStatusCode: long, IPAddress: string, Id: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, Type = "MicrosoftGraphActivityLogs", TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      Access = case(isempty(RequestMethod), "", toupper(RequestMethod) in ("GET", "HEAD", "OPTIONS"), "read",
      toupper(RequestMethod) == "POST" and UriTemplate matches regex "/(?:[$]batch|[$]query|search/query|get[a-z]*|check[a-z]*|validate[a-z]*|query|delta)(?:[(][)])?$", "read", "write"),
      Operation = strcat(toupper(RequestMethod), " ", UriTemplate),
      GraphResource = extract(@"^/?([^/]+(?:/[^/]+)?)", 1, replace_regex(UriTemplate, @"/[^/]*\{[^/]*", "")),
      ResponseStatusCode = tolong(ResponseStatusCode), IPAddress, Id = RequestId)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | where Access =~ "read" and (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400) and (GraphResource in~ ("users", "groups", "applications", "devices", "contacts", "organization", "directoryobjects") or GraphResource in~ ("users/memberof", "users/transitivememberof", "groups/members", "groups/transitivemembers", "groups/owners") or (GraphResource startswith "serviceprincipals" or GraphResource startswith "directoryroles" or GraphResource startswith "rolemanagement" or GraphResource startswith "applications/" or GraphResource startswith "policies"))
  | summarize Once = take_any(tolong(1)), All = sum(tolong(1)), arg_min(EventTime, AgentName, AppId, IPAddress, Operation) by TenantId, AgentId, Type, Id
  | summarize Observed = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress, Operation) by TenantId, AgentId
  | where Observed > real(500);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Amount = iff(Access =~ "read" and (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400) and (GraphResource in~ ("users", "groups", "applications", "devices", "contacts", "organization", "directoryobjects") or GraphResource in~ ("users/memberof", "users/transitivememberof", "groups/members", "groups/transitivemembers", "groups/owners") or (GraphResource startswith "serviceprincipals" or GraphResource startswith "directoryroles" or GraphResource startswith "rolemanagement" or GraphResource startswith "applications/" or GraphResource startswith "policies")), tolong(1), tolong(0))
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, Hour);
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(500), Median + real(8) * max_of(1.4826 * Mad, real(2) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " read the directory ", Observed, " times within an hour, the last by ", coalesce(Operation, "unknown"), "; usual are ", Median, ", the limit ", Threshold, " (", Basis, ")")
| project Detection = "directory-read-burst", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Discovery'
    ]
    techniques: [
      'T1087'
      'T1069'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent reads people, groups and applications in a burst: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_directory_role_assigned 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '62f25421-c4eb-54ca-a20f-cb5186069d09'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent was assigned one of the most powerful directory roles'
    description: '''
Identifies when an agent was assigned one of the most powerful directory roles.

Agents rarely need a directory role: application permissions are narrower. A role on an agent is a standing way to administer the tenant.

False positives:
- An approved automation that administers the tenant. Check whether a custom role would do.

Blind spots:
- Other roles, and those of one's own making (see other-directory-role-assigned).
- Roles that come with membership of a group.'''
    severity: 'High'
    enabled: contains(enabled, 'directory-role-assigned') ? enabled['directory-role-assigned'] : true
    query: '''
// directory-role-assigned 2.1.0: An agent was assigned one of the most powerful directory roles
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    TargetType: string, ActorName: string, Operation: string, Result: string, RoleName: string,
    RoleTemplateId: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    summarize FirstRole = minif(Place, tostring(Target.type) == "Role"))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    TargetType = case(IsNamed, "ServicePrincipal", isnotnull(Changed), ChangedType, "Application"),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    RoleName = coalesce(Either(Properties, "Role.DisplayName"), tostring(TargetResources[FirstRole].displayName)),
    RoleTemplateId = tolower(coalesce(Either(Properties, "Role.TemplateId"), tostring(TargetResources[FirstRole].id))));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where TargetType =~ "ServicePrincipal"
  | where Operation contains "member to role"
  | where Operation startswith "Add"
  | where not(Operation contains "PIM")
  | where RoleTemplateId in~ ("62e90394-69f5-4237-9190-012177145e10", "e8611ab8-c189-46e8-94e1-60213ab1f814", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "158c047a-c907-4556-b7ef-446551a6b5f7", "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "db506228-d27e-4b7d-95e5-295956d6615f", "be2f45a1-457d-42af-a067-6ec1fa63bc45", "4ba39ca4-527c-499a-b93d-d9b492c50246", "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", "9360feb5-f418-4baa-8175-e2a00bac4301", "d29b2b05-8046-44ba-8758-1e26182fcf32", "c4e39bd9-1100-46d3-8c65-fb160da0071f", "0526716b-113d-4c15-b2c8-68e3c22b9f80", "25a516ed-2fa0-40ea-a2d0-12923a21473a", "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "194ae4cb-b126-40b2-bd5b-6091b380977d", "729827e3-9c14-49f7-bb1b-9608f156bbb8", "966707d0-3269-4727-9be2-8c3a10f19b9d", "fe930be7-5e62-47db-91af-98c3a49a38b1", "fdd7a751-b60b-444a-984c-02652fe8fa1c", "8329153b-31d0-4727-b945-745eb3bc5f31", "29232cdf-9323-42fd-ade2-1d097af3e4de", "f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "3a2c62db-5318-420d-8d74-23affee5d9d5");
Arrived
| extend RoleName = substring(RoleName, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h), RoleName
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " assigned the directory role ", coalesce(RoleName, "unknown"), " to ", coalesce(AgentName, AgentId))
| project Detection = "directory-role-assigned", TenantId, AgentId, AgentName, AppId, ActorName, RoleName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      RoleName: 'RoleName'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent was assigned one of the most powerful directory roles: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_failed_access_burst 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'aee792d0-806d-5bc7-88f9-3bef51edd827'
  kind: 'Scheduled'
  properties: {
    displayName: 'Sign-ins of an agent fail in a burst'
    description: '''
Identifies when sign-ins of an agent fail in a burst.

Guessing secrets, trying an expired one, or reaching for resources and tenants that the agent has no consent for: all fail, again and again, within a short time.

False positives:
- An expired secret that a job keeps trying. The error code 7000222 says so: rotate it.

Blind spots:
- Guesses spread over hours or over many agents.
- An agent unknown so far: nothing can be said of what is usual.'''
    severity: 'Medium'
    enabled: contains(enabled, 'failed-access-burst') ? enabled['failed-access-burst'] : true
    query: '''
// failed-access-burst 1.0.0: Sign-ins of an agent fail in a burst
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, ResultType: string, IPAddress: string,
      AzureResourceId: string, Id: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADServicePrincipalSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, AzureResourceId = "", Id),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADManagedIdentitySignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(1), ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId), Id),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "AADNonInteractiveUserSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      AzureResourceId = "", Id),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "SigninLogs", TenantId = tolower(AADTenantId),
      AgentId = tolower(SubjectId), AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName),
      AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType,
      IPAddress, AzureResourceId = "", Id)
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | where not(ResultType =~ "0")
  | summarize Once = take_any(tolong(1)), All = sum(tolong(1)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResultType) by TenantId, AgentId, Type, Id
  | summarize Observed = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResultType) by TenantId, AgentId
  | where Observed > real(25);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Amount = iff(not(ResultType =~ "0"), tolong(1), tolong(0))
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, Hour);
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(25), Median + real(8) * max_of(1.4826 * Mad, real(1) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(Observed, " sign-ins of ", coalesce(AgentName, AgentId), " failed within an hour, the last with error ", coalesce(ResultType, "unknown"), "; usual are ", Median, ", the limit ", Threshold)
| project Detection = "failed-access-burst", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResultType, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'CredentialAccess'
    ]
    techniques: [
      'T1110'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Sign-ins of an agent fail in a burst: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_federated_credential_added 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'a3278725-9ca5-5b10-bd62-c37b21e5863d'
  kind: 'Scheduled'
  properties: {
    displayName: 'A federated credential was added to an agent, or its issuer or subject changed'
    description: '''
Identifies when a federated credential was added to an agent, or its issuer or subject changed.

A federated credential lets another identity provider, such as a repository's pipeline or another tenant, sign in as the agent, without any secret that could be found or would expire.

False positives:
- A team moves its pipeline from secrets to federation, which is a good thing. Check issuer and subject.

Blind spots:
- Federation set up before the logs begin.'''
    severity: 'High'
    enabled: contains(enabled, 'federated-credential-added') ? enabled['federated-credential-added'] : true
    query: '''
// federated-credential-added 1.0.0: A federated credential was added to an agent, or its issuer or subject changed
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let Keys = (Text: string) { extract_all(@"(KeyIdentifier=[^,\]]{1,100},KeyType=[^,\]]{1,100})", Text) };
let AsList = (Text: string) { iff(array_length(parse_json(Text)) > 0, parse_json(Text), dynamic([{}])) };
let Subject = (Trust: dynamic) { coalesce(tostring(Trust.Subject), tostring(Trust.ClaimsMatchingExpressionValue)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Result: string, CredentialsAdded: long, CredentialId: string,
    CredentialKind: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend KeysAdded = set_difference(Keys(After(Properties, "KeyDescription")), Keys(Before(Properties, "KeyDescription")))
  | mv-apply Trust = AsList(After(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsAfter = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))
  | mv-apply Trust = AsList(Before(Properties, "FederatedIdentityCredentials")) on (
    summarize TrustsBefore = make_list_if(strcat(tostring(Trust.Issuer), " ", Subject(Trust)), isnotempty(Subject(Trust))))
  | extend TrustsAdded = set_difference(TrustsAfter, TrustsBefore)
  | extend KeyAdded = tostring(KeysAdded[0])
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Result = tolower(Result),
    CredentialsAdded = coalesce(array_length(KeysAdded), 0) + coalesce(array_length(TrustsAdded), 0),
    CredentialId = iff(isnotempty(KeyAdded), tolower(extract("KeyIdentifier=([^,]+)", 1, KeyAdded)), extract(@"^[^ ]* (.*)$", 1, tostring(TrustsAdded[0]))),
    CredentialKind = iff(isnotempty(KeyAdded), extract("KeyType=(.+)$", 1, KeyAdded), iff(array_length(TrustsAdded) > 0, "Federated", "")));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where CredentialKind =~ "Federated"
  | where (isnotnull(CredentialsAdded) and CredentialsAdded >= 1);
Arrived
| extend CredentialId = substring(CredentialId, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h), CredentialId
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " let ", coalesce(CredentialId, "unknown"), " sign in as ", coalesce(AgentName, AgentId), " without a secret")
| project Detection = "federated-credential-added", TenantId, AgentId, AgentName, AppId, ActorName, CredentialId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'DefenseEvasion'
    ]
    techniques: [
      'T1098'
      'T1484'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      CredentialId: 'CredentialId'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A federated credential was added to an agent, or its issuer or subject changed: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_file_download_burst 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '5449f6cf-492c-5130-86c4-cddb3ee77298'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent downloads files in a burst'
    description: '''
Identifies when an agent downloads files in a burst.

Files are downloaded one by one, and Graph often does not log how large they were. Their number tells of it all the same.

False positives:
- A first full synchronisation, or an index that is built anew.

Blind spots:
- Files that are fetched by the address that Graph hands out for them, which is not logged as a call.
- Few files an hour.'''
    severity: 'Medium'
    enabled: contains(enabled, 'file-download-burst') ? enabled['file-download-burst'] : true
    query: '''
// file-download-burst 1.0.0: An agent downloads files in a burst
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, RequestMethod: string, UriTemplate: string,
      ResponseStatusCode: long, IPAddress: string, Id: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, Type = "MicrosoftGraphActivityLogs", TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      RequestMethod = toupper(RequestMethod), UriTemplate, ResponseStatusCode = tolong(ResponseStatusCode),
      IPAddress, Id = RequestId)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | where RequestMethod =~ "GET" and UriTemplate endswith "/content" and (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400)
  | summarize Once = take_any(tolong(1)), All = sum(tolong(1)), arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId, Type, Id
  | summarize Observed = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId
  | where Observed > real(200);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Amount = iff(RequestMethod =~ "GET" and UriTemplate endswith "/content" and (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400), tolong(1), tolong(0))
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, Hour);
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(200), Median + real(8) * max_of(1.4826 * Mad, real(2) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " downloaded ", Observed, " files within an hour; usual are ", Median, ", the limit ", Threshold, " (", Basis, ")")
| project Detection = "file-download-burst", TenantId, AgentId, AgentName, AppId, IPAddress, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Collection'
      'Exfiltration'
    ]
    techniques: [
      'T1213'
      'T1119'
      'T1567'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent downloads files in a burst: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_first_write 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '0062efbe-5aee-5bf2-aaaa-dc6d9040b172'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent that only read through Graph writes'
    description: '''
Identifies when an agent that only read through Graph writes.

Agents that report, search and answer only read. The first change that one of them makes is a new version, or somebody who does more with its permissions than its owner ever did.

False positives:
- A release that lets the agent act. Compare with the deployment log.
- Agents that write less than every 13 days.

Blind spots:
- Agents that write anyway (see new-graph-operation).
- Writes through other APIs than Microsoft Graph.
- Batches, each call of which Graph logs by itself.'''
    severity: 'Medium'
    enabled: contains(enabled, 'first-write') ? enabled['first-write'] : true
    query: '''
// first-write 1.0.0: An agent that only read through Graph writes
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, Access: string, Operation: string, ResponseStatusCode: long,
      IPAddress: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      Access = case(isempty(RequestMethod), "", toupper(RequestMethod) in ("GET", "HEAD", "OPTIONS"), "read",
      toupper(RequestMethod) == "POST" and UriTemplate matches regex "/(?:[$]batch|[$]query|search/query|get[a-z]*|check[a-z]*|validate[a-z]*|query|delta)(?:[(][)])?$", "read", "write"),
      Operation = strcat(toupper(RequestMethod), " ", UriTemplate),
      ResponseStatusCode = tolong(ResponseStatusCode), IPAddress)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
  | where (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400)
};
let Judged = Rows(Start, End)
  | extend Access = substring(Access, 0, 256)
  | where isnotempty(Access)
  | where Access =~ "write"
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, Operation) by TenantId, AgentId, Access;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend Access = substring(Access, 0, 256)
  | where isnotempty(Access)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), Access);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 24;
let Values = Hourly
  | distinct TenantId, AgentId, Access
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Access
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = Access, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " wrote through Microsoft Graph (", coalesce(Operation, "unknown"), "), which it has not done in the 13 days before (", Basis, ")")
| project Detection = "first-write", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, Hour, Access, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Impact'
      'Persistence'
    ]
    techniques: [
      'T1531'
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Access: 'Access'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent that only read through Graph writes: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_foreign_resource 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '66e55dd9-6b49-5c74-bb6c-0a48e3b16d84'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent reaches a resource of another organisation for the first time'
    description: '''
Identifies when an agent reaches a resource of another organisation for the first time.

Every resource is an application that somebody owns: Microsoft, your organisation, or another one. An agent that begins to talk to another's may carry your data there.

False positives:
- A product of a supplier that the agent begins to use.
- The first resource of your own organisation.

Blind spots:
- Resources of organisations that the agent uses already (see unusual-resource).
- Data that goes elsewhere without a token of Entra's.'''
    severity: 'Medium'
    enabled: contains(enabled, 'foreign-resource') ? enabled['foreign-resource'] : true
    query: '''
// foreign-resource 1.0.0: An agent reaches a resource of another organisation for the first time
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResourceDisplayName: string, ResourceOwnerTenantId: string,
      ResultType: string, IPAddress: string, AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResourceDisplayName, ResourceOwnerTenantId = tolower(ResourceOwnerTenantId), ResultType, IPAddress,
      AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResourceDisplayName,
      ResourceOwnerTenantId = tolower(ResourceOwnerTenantId), ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName,
      ResourceOwnerTenantId = tolower(ResourceOwnerTenantId), ResultType, IPAddress, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName,
      ResourceOwnerTenantId = tolower(ResourceOwnerTenantId), ResultType, IPAddress, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | extend ResourceOwnerTenantId = substring(ResourceOwnerTenantId, 0, 256)
  | where isnotempty(ResourceOwnerTenantId)
  | where not(ResourceOwnerTenantId in~ ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"))
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId, ResourceOwnerTenantId;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend ResourceOwnerTenantId = substring(ResourceOwnerTenantId, 0, 256)
  | where isnotempty(ResourceOwnerTenantId)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), ResourceOwnerTenantId);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, ResourceOwnerTenantId
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, ResourceOwnerTenantId
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = ResourceOwnerTenantId, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), " of the organisation ", coalesce(ResourceOwnerTenantId, "unknown"), ", of which it has used nothing in the 13 days before (", Basis, ")")
| project Detection = "foreign-resource", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, ResourceOwnerTenantId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Exfiltration'
      'InitialAccess'
    ]
    techniques: [
      'T1537'
      'T1199'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      ResourceOwnerTenantI: 'ResourceOwnerTenantId'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent reaches a resource of another organisation for the first time: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_graph_denied_burst 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '4d00c4b0-89f4-5e91-a511-521815e1d563'
  kind: 'Scheduled'
  properties: {
    displayName: 'Microsoft Graph refuses an agent, or knows not what it asks for, in a burst'
    description: '''
Identifies when microsoft Graph refuses an agent, or knows not what it asks for, in a burst.

Whoever explores a tenant with a stolen agent asks for what it may not see and what is not there. Agents know what they may and where it is.

False positives:
- A permission that was taken from the agent, or a deletion that it has yet to notice.

Blind spots:
- Slow exploration.
- An agent with permissions for all that it asks for (see new-graph-operation).'''
    severity: 'Medium'
    enabled: contains(enabled, 'graph-denied-burst') ? enabled['graph-denied-burst'] : true
    query: '''
// graph-denied-burst 1.0.0: Microsoft Graph refuses an agent, or knows not what it asks for, in a burst
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, Operation: string, ResponseStatusCode: long,
      IPAddress: string, Id: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, Type = "MicrosoftGraphActivityLogs", TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      Operation = strcat(toupper(RequestMethod), " ", UriTemplate),
      ResponseStatusCode = tolong(ResponseStatusCode), IPAddress, Id = RequestId)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | where ResponseStatusCode in (401, 403, 404)
  | summarize Once = take_any(tolong(1)), All = sum(tolong(1)), arg_min(EventTime, AgentName, AppId, IPAddress, Operation) by TenantId, AgentId, Type, Id
  | summarize Observed = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress, Operation) by TenantId, AgentId
  | where Observed > real(50);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Amount = iff(ResponseStatusCode in (401, 403, 404), tolong(1), tolong(0))
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, Hour);
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(50), Median + real(8) * max_of(1.4826 * Mad, real(1) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat("Microsoft Graph refused ", coalesce(AgentName, AgentId), " ", Observed, " times within an hour, the last for ", coalesce(Operation, "unknown"), "; usual are ", Median, ", the limit ", Threshold)
| project Detection = "graph-denied-burst", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Discovery'
    ]
    techniques: [
      'T1087'
      'T1069'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Microsoft Graph refuses an agent, or knows not what it asks for, in a burst: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_graph_enumeration 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'f6b341de-7f9b-50ae-b0f2-f0eea3d625ef'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent goes through Microsoft Graph from end to end'
    description: '''
Identifies when an agent goes through Microsoft Graph from end to end.

Tools that map a tenant ask for users, groups, roles, applications, devices and policies, one after the other: dozens of sorts of questions within minutes. Agents ask a few, over and over.

False positives:
- An inventory or posture tool on its first run.

Blind spots:
- Tools that ask little, or slowly.
- An agent unknown so far.'''
    severity: 'High'
    enabled: contains(enabled, 'graph-enumeration') ? enabled['graph-enumeration'] : true
    query: '''
// graph-enumeration 1.0.0: An agent goes through Microsoft Graph from end to end
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, Access: string, UriTemplate: string, Operation: string,
      IPAddress: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      Access = case(isempty(RequestMethod), "", toupper(RequestMethod) in ("GET", "HEAD", "OPTIONS"), "read",
      toupper(RequestMethod) == "POST" and UriTemplate matches regex "/(?:[$]batch|[$]query|search/query|get[a-z]*|check[a-z]*|validate[a-z]*|query|delta)(?:[(][)])?$", "read", "write"),
      UriTemplate, Operation = strcat(toupper(RequestMethod), " ", UriTemplate), IPAddress)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | where Access =~ "read"
  | extend Value = substring(UriTemplate, 0, 256)
  | summarize Observed = array_length(make_set_if(Value, isnotempty(Value))), arg_min(EventTime, AgentName, AppId, IPAddress, Operation) by TenantId, AgentId
  | where Observed > real(30);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Value = iff(Access =~ "read", substring(UriTemplate, 0, 256), "")
  | summarize Total = array_length(make_set_if(Value, isnotempty(Value))) by TenantId, AgentId, Hour = bin(EventTime, 1h));
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(30), Median + real(6) * max_of(1.4826 * Mad, real(1) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " asked Microsoft Graph ", Observed, " different questions within an hour, the last ", coalesce(Operation, "unknown"), "; usual are ", Median, ", the limit ", Threshold, " (", Basis, ")")
| project Detection = "graph-enumeration", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Discovery'
    ]
    techniques: [
      'T1087'
      'T1069'
      'T1526'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent goes through Microsoft Graph from end to end: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_high_privilege_app_role_granted 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '2900d781-4007-51fd-b90a-d6dfe2825a39'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent was granted a high-privilege application permission'
    description: '''
Identifies when an agent was granted a high-privilege application permission.

Some application permissions amount to control of the tenant or to all of its data, without a user and without MFA.

False positives:
- A new or changed agent that needs the permission. Ask whether a smaller one would do.

Blind spots:
- Permissions of other resources than those listed.
- Permissions that an application had before the logs begin.'''
    severity: 'High'
    enabled: contains(enabled, 'high-privilege-app-role-granted') ? enabled['high-privilege-app-role-granted'] : true
    query: '''
// high-privilege-app-role-granted 1.1.0: An agent was granted a high-privilege application permission
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Operation: string, Result: string, PermissionName: string, TargetName: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result), PermissionName = Either(Properties, "AppRole.Value"),
    TargetName = coalesce(tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName)));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where Operation =~ "Add app role assignment to service principal"
  | where PermissionName in~ ("RoleManagement.ReadWrite.Directory", "AppRoleAssignment.ReadWrite.All", "Application.ReadWrite.All", "Directory.ReadWrite.All", "AgentIdentityBlueprint.ReadWrite.All", "AgentIdentityBlueprint.AddRemoveCreds.All", "PrivilegedAccess.ReadWrite.AzureAD", "PrivilegedAccess.ReadWrite.AzureADGroup", "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup", "RoleAssignmentSchedule.ReadWrite.Directory", "RoleEligibilitySchedule.ReadWrite.Directory", "RoleManagementPolicy.ReadWrite.Directory", "Group.ReadWrite.All", "GroupMember.ReadWrite.All", "User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All", "Policy.ReadWrite.ConditionalAccess", "Policy.ReadWrite.AuthenticationMethod", "Policy.ReadWrite.PermissionGrant", "Domain.ReadWrite.All", "Organization.ReadWrite.All", "Mail.Read", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.ReadWrite", "full_access_as_app", "Exchange.ManageAsApp", "Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All", "Sites.FullControl.All", "Chat.Read.All", "ChannelMessage.Read.All", "DeviceManagementConfiguration.ReadWrite.All", "DeviceManagementManagedDevices.PrivilegedOperations.All");
Arrived
| extend PermissionName = substring(PermissionName, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, TargetName) by TenantId, AgentId, Hour = bin(EventTime, 1h), PermissionName
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " granted ", coalesce(AgentName, AgentId), " the application permission ", coalesce(PermissionName, "unknown"), " on ", coalesce(TargetName, "unknown"))
| project Detection = "high-privilege-app-role-granted", TenantId, AgentId, AgentName, AppId, ActorName, PermissionName, TargetName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      PermissionName: 'PermissionName'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent was granted a high-privilege application permission: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_high_privilege_delegated_grant 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '3f674891-9af8-58c7-8f27-9b6f44018514'
  kind: 'Scheduled'
  properties: {
    displayName: 'A user let an agent do far-reaching things on their behalf'
    description: '''
Identifies when a user let an agent do far-reaching things on their behalf.

Consent that is asked for in a message is how people's mail and files are taken without their password. What reads or writes all of them is seldom needed by an agent of a single user.

False positives:
- A mail or file client that a person chose. Ask them whether they meant to.

Blind spots:
- Scopes of other resources than those listed.
- Grants that an administrator made before the logs begin.'''
    severity: 'Medium'
    enabled: contains(enabled, 'high-privilege-delegated-grant') ? enabled['high-privilege-delegated-grant'] : true
    query: '''
// high-privilege-delegated-grant 1.0.0: A user let an agent do far-reaching things on their behalf
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Operation: string, Result: string, Scope: string, ConsentType: string,
    TargetName: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result), Scope = trim(" ", Either(Properties, "DelegatedPermissionGrant.Scope")),
    ConsentType = Either(Properties, "DelegatedPermissionGrant.ConsentType"),
    TargetName = coalesce(tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName)));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where Operation =~ "Add delegated permission grant"
  | where not(ConsentType =~ "AllPrincipals")
  | where (Scope contains "RoleManagement.ReadWrite.Directory" or Scope contains "AppRoleAssignment.ReadWrite.All" or Scope contains "Application.ReadWrite.All" or Scope contains "Directory.ReadWrite.All" or Scope contains "Directory.AccessAsUser.All" or Scope contains "User.ReadWrite.All" or Scope contains "UserAuthenticationMethod.ReadWrite" or Scope contains "Policy.ReadWrite" or Scope contains "Mail.ReadWrite" or Scope contains "Mail.Send" or Scope contains "MailboxSettings.ReadWrite" or Scope contains "EWS.AccessAsUser.All" or Scope contains "Files.Read.All" or Scope contains "Files.ReadWrite.All" or Scope contains "Sites.ReadWrite.All" or Scope contains "Sites.FullControl.All" or Scope contains "Chat.Read" or Scope contains "ChannelMessage.Read" or Scope contains "user_impersonation") or Scope =~ "Mail.Read" or Scope startswith "Mail.Read " or Scope endswith " Mail.Read" or Scope contains " Mail.Read ";
Arrived
| extend Scope = substring(Scope, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, TargetName) by TenantId, AgentId, Hour = bin(EventTime, 1h), Scope
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " let ", coalesce(AgentName, AgentId), " act on their behalf on ", coalesce(TargetName, "unknown"), ": ", coalesce(Scope, "unknown"))
| project Detection = "high-privilege-delegated-grant", TenantId, AgentId, AgentName, AppId, ActorName, TargetName, Scope, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'CredentialAccess'
      'Persistence'
    ]
    techniques: [
      'T1528'
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Scope: 'Scope'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A user let an agent do far-reaching things on their behalf: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_identifier_uri_changed 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '0b913619-5a25-5750-aeb4-d0ed5f5efa46'
  kind: 'Scheduled'
  properties: {
    displayName: 'The identifier URI of an agent\'s application was changed'
    description: '''
Identifies when the identifier URI of an agent's application was changed.

Tokens are issued to whatever application carries the URI that a client asks for. Taking over a URI that another application gave up means getting the tokens meant for that one.

False positives:
- A release, or an application that is set up.

Blind spots:
- What the URI was and is: the alert does not say it, the audit record does.'''
    severity: 'Low'
    enabled: contains(enabled, 'identifier-uri-changed') ? enabled['identifier-uri-changed'] : true
    query: '''
// identifier-uri-changed 1.0.0: The identifier URI of an agent's application was changed
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Operation: string, Result: string, UpdatedProperties: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result), UpdatedProperties = Either(Properties, "Included Updated Properties"));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where UpdatedProperties contains "AppIdentifierUri"
  | where not(Operation in~ ("Add application", "Add service principal"));
Arrived
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h)
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " changed the identifier URI of ", coalesce(AgentName, AgentId))
| project Detection = "identifier-uri-changed", TenantId, AgentId, AgentName, AppId, ActorName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'CredentialAccess'
    ]
    techniques: [
      'T1528'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'The identifier URI of an agent\'s application was changed: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_log_export_changed 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '2b6a9f45-fa36-56dc-ac47-f6c75816ebc1'
  kind: 'Scheduled'
  properties: {
    displayName: 'The export of Entra\'s logs was changed'
    description: '''
Identifies when the export of Entra's logs was changed.

A category that is left out of the setting is a sort of event that nobody sees any more. The log does not say what the setting was before; look at what it is now.

False positives:
- Setting up the export, or adding a category.

Blind spots:
- The activity log has to be exported too, and that of the tenant tells of Entra's setting.'''
    severity: 'Low'
    enabled: contains(enabled, 'log-export-changed') ? enabled['log-export-changed'] : true
    query: '''
// log-export-changed 1.0.0: The export of Entra's logs was changed
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let AzureChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, Operation: string, Result: string, ResourceId: string,
    ActorName: string, ActorIPAddress: string, ExportOf: string)[]),
  (AzureActivity
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend Operation = tolower(OperationNameValue)
  | extend Entity = tolower(tostring(Properties_d.entity))
  | extend IsSetting = Operation contains "/diagnosticsettings/" and isnotempty(Entity)
  | extend Body = parse_json(coalesce(tostring(Properties_d.requestbody), tostring(Properties_d.responseBody)))
  | extend Principal = iff(Operation == "microsoft.authorization/roleassignments/write", tolower(coalesce(tostring(Body.Properties.PrincipalId), tostring(Body.properties.principalId))), "")
  | extend SignedInUser = tostring(Claims_d["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"])
  | extend SignedInApp = tostring(Claims_d["appid"])
  | where IsSetting or isnotempty(Principal)
  | project EventTime = TimeGenerated,
    TenantId = tolower(tostring(Claims_d["http://schemas.microsoft.com/identity/claims/tenantid"])),
    AgentId = iff(IsSetting, Entity, Principal), AgentName = "", AppId = "", Agentic = tolong(IsSetting),
    Workload = tolong(isnotempty(Principal) and coalesce(tostring(Body.Properties.PrincipalType), tostring(Body.properties.principalType)) =~ "ServicePrincipal"),
    Operation, Result = tolower(ActivityStatusValue), ResourceId = Entity,
    ActorName = coalesce(SignedInUser, SignedInApp), ActorIPAddress = CallerIpAddress,
    ExportOf = case(not(IsSetting), "", Entity contains "/providers/microsoft.aadiam/", "Entra", Entity matches regex "^/subscriptions/[^/]+/providers/microsoft[.]insights/diagnosticsettings/", "Subscription", "Resource"));
let Arrived = AzureChanges
  | where Agentic == 1 or Workload == 1
  | where Operation endswith "/diagnosticsettings/write"
  | where Result =~ "success"
  | where ExportOf in~ ("Entra", "Subscription");
Arrived
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, ResourceId, ExportOf, ActorIPAddress) by TenantId, AgentId, Hour = bin(EventTime, 1h)
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " wrote the diagnostic setting ", coalesce(ResourceId, "unknown"), ", which exports logs of ", coalesce(ExportOf, "unknown"), ", from ", coalesce(ActorIPAddress, "unknown"))
| project Detection = "log-export-changed", TenantId, AgentId, AgentName, AppId, ActorName, ResourceId, ExportOf, ActorIPAddress, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'DefenseEvasion'
    ]
    techniques: [
      'T1562'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'The export of Entra\'s logs was changed: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_log_export_deleted 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '3bd059c7-2b5b-53c6-abe9-5c0d8b9bb227'
  kind: 'Scheduled'
  properties: {
    displayName: 'The export of logs was deleted'
    description: '''
Identifies when the export of logs was deleted.

Without the setting that exports Entra's logs, or those of a subscription, nothing that an agent does is seen any more, here or elsewhere. Whoever wants to work unseen begins with it.

False positives:
- A move to another workspace or event hub. The new setting should be there first.

Blind spots:
- The activity log has to be exported too, and that of the tenant tells of Entra's setting. That logs stop is found by the daemon whatever the reason.
- What is deleted at the other end, the event hub or the workspace.'''
    severity: 'High'
    enabled: contains(enabled, 'log-export-deleted') ? enabled['log-export-deleted'] : true
    query: '''
// log-export-deleted 1.0.0: The export of logs was deleted
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let AzureChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, Operation: string, Result: string, ResourceId: string,
    ActorName: string, ActorIPAddress: string, ExportOf: string)[]),
  (AzureActivity
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend Operation = tolower(OperationNameValue)
  | extend Entity = tolower(tostring(Properties_d.entity))
  | extend IsSetting = Operation contains "/diagnosticsettings/" and isnotempty(Entity)
  | extend Body = parse_json(coalesce(tostring(Properties_d.requestbody), tostring(Properties_d.responseBody)))
  | extend Principal = iff(Operation == "microsoft.authorization/roleassignments/write", tolower(coalesce(tostring(Body.Properties.PrincipalId), tostring(Body.properties.principalId))), "")
  | extend SignedInUser = tostring(Claims_d["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"])
  | extend SignedInApp = tostring(Claims_d["appid"])
  | where IsSetting or isnotempty(Principal)
  | project EventTime = TimeGenerated,
    TenantId = tolower(tostring(Claims_d["http://schemas.microsoft.com/identity/claims/tenantid"])),
    AgentId = iff(IsSetting, Entity, Principal), AgentName = "", AppId = "", Agentic = tolong(IsSetting),
    Workload = tolong(isnotempty(Principal) and coalesce(tostring(Body.Properties.PrincipalType), tostring(Body.properties.principalType)) =~ "ServicePrincipal"),
    Operation, Result = tolower(ActivityStatusValue), ResourceId = Entity,
    ActorName = coalesce(SignedInUser, SignedInApp), ActorIPAddress = CallerIpAddress,
    ExportOf = case(not(IsSetting), "", Entity contains "/providers/microsoft.aadiam/", "Entra", Entity matches regex "^/subscriptions/[^/]+/providers/microsoft[.]insights/diagnosticsettings/", "Subscription", "Resource"));
let Arrived = AzureChanges
  | where Agentic == 1 or Workload == 1
  | where Operation endswith "/diagnosticsettings/delete"
  | where Result =~ "success"
  | where ExportOf in~ ("Entra", "Subscription");
Arrived
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, ResourceId, ExportOf, ActorIPAddress) by TenantId, AgentId, Hour = bin(EventTime, 1h)
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " deleted the diagnostic setting ", coalesce(ResourceId, "unknown"), ", which exports logs of ", coalesce(ExportOf, "unknown"), ", from ", coalesce(ActorIPAddress, "unknown"))
| project Detection = "log-export-deleted", TenantId, AgentId, AgentName, AppId, ActorName, ResourceId, ExportOf, ActorIPAddress, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'DefenseEvasion'
    ]
    techniques: [
      'T1562'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'The export of logs was deleted: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_many_addresses 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '006f15ec-a55a-5783-a14e-20a8c6f8326c'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent signs in from many addresses within an hour'
    description: '''
Identifies when an agent signs in from many addresses within an hour.

One agent runs in one place. Many addresses at a time mean that its credential is shared, or that somebody hides behind changing ones.

False positives:
- An agent that is scaled out, or moves to a platform with changing addresses.

Blind spots:
- Managed identities, whose sign-ins have no address.
- IPv6 addresses of one host count each.'''
    severity: 'Medium'
    enabled: contains(enabled, 'many-addresses') ? enabled['many-addresses'] : true
    query: '''
// many-addresses 1.0.0: An agent signs in from many addresses within an hour
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResultType: string, IPAddress: string, AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | extend Value = substring(IPAddress, 0, 256)
  | summarize Observed = array_length(make_set_if(Value, isnotempty(Value))), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId
  | where Observed > real(8);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Value = substring(IPAddress, 0, 256)
  | summarize Total = array_length(make_set_if(Value, isnotempty(Value))) by TenantId, AgentId, Hour = bin(EventTime, 1h));
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(8), Median + real(6) * max_of(1.4826 * Mad, real(1) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in from ", Observed, " different addresses within an hour; usual are ", Median, ", the limit ", Threshold)
| project Detection = "many-addresses", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
      'DefenseEvasion'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent signs in from many addresses within an hour: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_many_mailboxes 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'dd7e8eda-b2e8-5ad6-8a46-41fc30c012c2'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent reads many mailboxes within an hour'
    description: '''
Identifies when an agent reads many mailboxes within an hour.

An agent with permission for mail may read everybody's, and reads that of a few. One that goes through mailbox after mailbox is collecting.

False positives:
- An archive, a migration or a search for a court, on its first run.

Blind spots:
- Few mailboxes an hour.
- Mail that is read in another way than through Microsoft Graph.
- Calls in the name of a user, which say me and not whose.'''
    severity: 'High'
    enabled: contains(enabled, 'many-mailboxes') ? enabled['many-mailboxes'] : true
    query: '''
// many-mailboxes 1.0.0: An agent reads many mailboxes within an hour
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, RequestMethod: string, ContainerId: string, GraphResource: string,
      ResponseStatusCode: long, IPAddress: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      RequestMethod = toupper(RequestMethod),
      ContainerId = extract("/(?:users|groups|sites|drives|teams)/([^/?#(]+)", 1, tolower(substring(RequestUri, 0, 1000))),
      GraphResource = extract(@"^/?([^/]+(?:/[^/]+)?)", 1, replace_regex(UriTemplate, @"/[^/]*\{[^/]*", "")),
      ResponseStatusCode = tolong(ResponseStatusCode), IPAddress)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | where RequestMethod =~ "GET" and GraphResource in~ ("users/messages", "users/mailfolders") and (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400)
  | extend Value = substring(ContainerId, 0, 256)
  | summarize Observed = array_length(make_set_if(Value, isnotempty(Value))), arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId
  | where Observed > real(20);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Value = iff(RequestMethod =~ "GET" and GraphResource in~ ("users/messages", "users/mailfolders") and (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400), substring(ContainerId, 0, 256), "")
  | summarize Total = array_length(make_set_if(Value, isnotempty(Value))) by TenantId, AgentId, Hour = bin(EventTime, 1h));
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(20), Median + real(6) * max_of(1.4826 * Mad, real(1) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " read ", Observed, " mailboxes within an hour; usual are ", Median, ", the limit ", Threshold, " (", Basis, ")")
| project Detection = "many-mailboxes", TenantId, AgentId, AgentName, AppId, IPAddress, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Collection'
    ]
    techniques: [
      'T1114'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent reads many mailboxes within an hour: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_new_address_after_failures 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '825d28a9-be3f-5102-b5cb-47655d529df7'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent signs in from a new address that failed shortly before'
    description: '''
Identifies when an agent signs in from a new address that failed shortly before.

An agent has its credential and signs in at once. Who needs several attempts from an address that the agent never used, and then succeeds, has found the right one. A new address alone is no news.

False positives:
- A new host that is set up with an old secret at first.

Blind spots:
- Managed identities: Entra logs no address for them.
- A thief who fails from one address and succeeds from another.
- IPv6 addresses of one host count each.'''
    severity: 'Medium'
    enabled: contains(enabled, 'new-address-after-failures') ? enabled['new-address-after-failures'] : true
    query: '''
// new-address-after-failures 1.0.0: An agent signs in from a new address that failed shortly before
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResultType: string, IPAddress: string, Location: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, Location, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResultType, IPAddress, Location,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Companions = materialize(SignIns(Start - 1h, End)
  | where Agentic == 1 or Workload == 1
  | where ResultType in~ ("7000215", "7000222", "700027", "700024", "700016", "53003")
  | extend Meeting = AgentId
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms), On0 = tolower(substring(IPAddress, 0, 256)), AfterResultType = ResultType);
let Accompanied = Rows(Start, End)
  | extend At = bin(EventTime, 1ms), On0 = tolower(substring(IPAddress, 0, 256))
  | extend Meeting = AgentId
  | join kind=inner Companions on TenantId, Meeting, On0
  | where CompanionTime between (At - 1h .. At - 1ms) and isnotempty(On0)
  | summarize arg_max(CompanionTime, AfterResultType) by EventTime, TenantId, AgentId, AgentName, AppId, IPAddress, Location, AzureResourceId
  | extend AfterMinutes = tolong((bin(EventTime, 1ms) - CompanionTime) / 1m);
let Judged = Accompanied
  | extend IPAddress = substring(IPAddress, 0, 256)
  | where isnotempty(IPAddress)
  | summarize arg_min(EventTime, AgentName, AppId, AzureResourceId, Location, AfterMinutes, AfterResultType) by TenantId, AgentId, IPAddress;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend IPAddress = substring(IPAddress, 0, 256)
  | where isnotempty(IPAddress)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), IPAddress);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, IPAddress
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, IPAddress
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = IPAddress, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in from ", coalesce(IPAddress, "unknown"), " (", coalesce(Location, "unknown"), "), which is new to it and failed with ", coalesce(AfterResultType, "unknown"), " ", AfterMinutes, " minutes earlier (", Basis, ")")
| project Detection = "new-address-after-failures", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Location, AfterMinutes, AfterResultType, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'CredentialAccess'
      'InitialAccess'
    ]
    techniques: [
      'T1110'
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      IPAddress: 'IPAddress'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent signs in from a new address that failed shortly before: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_new_client 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '9ab1dc98-93bf-5092-a5cc-5670f8e66873'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent calls Graph with another program than before'
    description: '''
Identifies when an agent calls Graph with another program than before.

An agent is one program with one library, which says its name in every call. A stolen credential is used with whatever the thief has at hand. Versions are left aside, so that updates stay quiet.

False positives:
- A release with another library, or a person who looks for a fault with the agent's credential.

Blind spots:
- A thief who sends the name of the agent's own library, which is easy.
- Calls without a user agent.'''
    severity: 'Low'
    enabled: contains(enabled, 'new-client') ? enabled['new-client'] : true
    query: '''
// new-client 1.0.0: An agent calls Graph with another program than before
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, Operation: string, ResponseStatusCode: long, IPAddress: string,
      UserAgent: string, Client: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      Operation = strcat(toupper(RequestMethod), " ", UriTemplate),
      ResponseStatusCode = tolong(ResponseStatusCode), IPAddress, UserAgent,
      Client = trim(" ", replace_regex(replace_regex(replace_regex(replace_regex(tolower(substring(UserAgent, 0, 500)), "\\([^)]*\\)", " "), "[/ ;_-]v?[0-9][^ ;,]*", " "), "[0-9a-f]{8}-[0-9a-f-]{27}", " "), "\\s+", " ")))
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
  | where (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400)
};
let Judged = Rows(Start, End)
  | extend Client = substring(Client, 0, 256)
  | where isnotempty(Client)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, Operation, UserAgent) by TenantId, AgentId, Client;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend Client = substring(Client, 0, 256)
  | where isnotempty(Client)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), Client);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 24;
let Values = Hourly
  | distinct TenantId, AgentId, Client
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Client
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = Client, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " called ", coalesce(Operation, "unknown"), " with ", coalesce(UserAgent, "unknown"), ", a program that it has not used in the 13 days before (", Basis, ")")
| project Detection = "new-client", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, UserAgent, Hour, Client, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Client: 'Client'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent calls Graph with another program than before: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_new_country 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '6c3a173e-1239-5a60-bb9e-e2ecc2c1fff0'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent signs in from a country it never came from'
    description: '''
Identifies when an agent signs in from a country it never came from.

Agents live in data centres and stay there. Their credential in another country is in other hands, unless the agent has moved.

False positives:
- The agent is deployed to, or fails over to, another region.
- Addresses whose location Microsoft's geolocation gets wrong.

Blind spots:
- Managed identities: Entra logs no address for them.
- A thief in the agent's own country or behind its own cloud provider (see new-network).'''
    severity: 'High'
    enabled: contains(enabled, 'new-country') ? enabled['new-country'] : true
    query: '''
// new-country 1.0.0: Agent signs in from a country it never came from
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResultType: string, IPAddress: string, Location: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, Location, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResultType, IPAddress, Location,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | extend Location = substring(Location, 0, 256)
  | where isnotempty(Location)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId, Location;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend Location = substring(Location, 0, 256)
  | where isnotempty(Location)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), Location);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, Location
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Location
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = Location, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in from ", coalesce(Location, "unknown"), " (", coalesce(IPAddress, "unknown"), "), a country it has not come from in the 13 days before (", Basis, ")")
| project Detection = "new-country", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Location, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Location: 'Location'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent signs in from a country it never came from: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_new_credential_used 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '074e96ae-adc1-58cd-b766-5a85bc87147b'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent signs in with a credential that nobody was seen to add'
    description: '''
Identifies when an agent signs in with a credential that nobody was seen to add.

A secret or certificate that somebody adds to an agent opens everything the agent may do, beside the owner's own. Its first use shows here if no audit record announced it: what the log shows being added is reported by credential-added, and not a second time when it is used.

False positives:
- A planned rotation of which the audit log tells late, or which it leaves out: of several credentials added at once it names the first.
- A second credential that is in use less than every 13 days.

Blind spots:
- Managed identities: Azure rotates their credentials by itself, so they are left out.
- A thief with a copy of the credential in use.
- A credential that was added within the 13 days before: see credential-added, and credential-added-then-used-elsewhere for its use.'''
    severity: 'Medium'
    enabled: contains(enabled, 'new-credential-used') ? enabled['new-credential-used'] : true
    query: '''
// new-credential-used 1.1.0: Agent signs in with a credential that nobody was seen to add
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResultType: string, IPAddress: string, CredentialId: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress,
      CredentialId = coalesce(ServicePrincipalCredentialKeyId, ServicePrincipalCredentialThumbprint, FederatedCredentialId),
      AzureResourceId = ""),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      CredentialId = FederatedCredentialId, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      CredentialId = FederatedCredentialId, AzureResourceId = "")
};
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let Keys = (Text: string) { extract_all(@"(KeyIdentifier=[^,\]]{1,100},KeyType=[^,\]]{1,100})", Text) };
let AgentChanges = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AppId: string, Operation: string,
      Result: string, KeyId: string)[]),
    (AuditLogs
    | where TimeGenerated >= From
    | where ActivityDateTime >= From and ActivityDateTime < To
    | mv-apply Target = TargetResources on (
      mv-expand Property = Target.modifiedProperties
      | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
    | mv-apply with_itemindex=Place Target = TargetResources on (
      extend Kind = tostring(Target.type)
      | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
        SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
        FirstApplication = minif(Place, Kind == "Application"),
        FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
    | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
    | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
    | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
    | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
      or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
      or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
    | extend Changed = coalesce(FirstPrincipal, FirstApplication)
    | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
      IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
    | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
      Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
    | extend KeysAdded = set_difference(Keys(After(Properties, "KeyDescription")), Keys(Before(Properties, "KeyDescription")))
    | extend KeyAdded = tostring(KeysAdded[0])
    | where isnotempty(ChangedId)
    | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
      AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
      Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
      Result = tolower(Result), KeyId = tolower(extract("KeyIdentifier=([^,]+)", 1, KeyAdded)))
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Announcements = materialize(AgentChanges(Start - 13d, End)
  | where Result =~ "success"
  | where Operation in~ ("Add service principal credentials", "Update application - Certificates and secrets management", "Update service principal", "Update application")
  | mv-expand Meeting = pack_array(AgentId, AppId) to typeof(string)
  | where isnotempty(Meeting)
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms), On0 = tolower(substring(KeyId, 0, 256)));
let Unannounced = Rows(Start, End)
  | extend At = bin(EventTime, 1ms), On0 = tolower(substring(CredentialId, 0, 256))
  | mv-expand Meeting = pack_array(AgentId, AppId) to typeof(string)
  | where isnotempty(Meeting)
  | join kind=leftouter Announcements on TenantId, Meeting, On0
  | summarize Announced = countif(CompanionTime between (At - 13d .. At - 1ms) and isnotempty(On0)) by EventTime, TenantId, AgentId, AgentName, AppId, IPAddress, CredentialId, AzureResourceId, On0
  | where Announced == 0;
let Judged = Unannounced
  | extend CredentialId = substring(CredentialId, 0, 256)
  | where isnotempty(CredentialId)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId, CredentialId;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend CredentialId = substring(CredentialId, 0, 256)
  | where isnotempty(CredentialId)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), CredentialId);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, CredentialId
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, CredentialId
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = CredentialId, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in with credential ", coalesce(CredentialId, "unknown"), ", which it has not used in the 13 days before (", Basis, "), from ", coalesce(IPAddress, "unknown"))
| project Detection = "new-credential-used", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, CredentialId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'InitialAccess'
    ]
    techniques: [
      'T1098'
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      CredentialId: 'CredentialId'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent signs in with a credential that nobody was seen to add: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_new_directory_operation 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '54e665df-51e3-5b11-883b-c3e94e1b3e66'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent changes the directory in a way it never did'
    description: '''
Identifies when an agent changes the directory in a way it never did.

Agents that administer do the same few things over and over. A new sort of change is a release, or somebody who tries what else the agent may do.

False positives:
- A release that administers more.
- Changes that the agent makes less than every 13 days.

Blind spots:
- Agents that hardly change the directory, of which too little is known (see agent-granted-another and the like).'''
    severity: 'Low'
    enabled: contains(enabled, 'new-directory-operation') ? enabled['new-directory-operation'] : true
    query: '''
// new-directory-operation 1.0.0: An agent changes the directory in a way it never did
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let DirectoryActions = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, IPAddress: string, Operation: string, Result: string,
      TargetName: string)[]),
    (AuditLogs
    | where TimeGenerated >= From
    | where ActivityDateTime >= From and ActivityDateTime < To
    | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
    | extend ActorId = tolower(coalesce(iff(isnotnull(InitiatedBy.app), tostring(Actor.servicePrincipalId), tostring(Actor.id)), tostring(Actor.appId)))
    | extend ActorAppId = tolower(tostring(Actor.appId))
    | where isnotempty(ActorId)
    | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ActorId,
      AgentName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
      AppId = ActorAppId, Agentic = tolong(tostring(Actor.agentType) !in~ ("", "notAgentic")),
      Workload = tolong(isnotnull(InitiatedBy.app)), IPAddress = tostring(Actor.ipAddress),
      Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
      Result = tolower(Result),
      TargetName = coalesce(tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName)))
};
let Rows = (From: datetime, To: datetime) {
  DirectoryActions(From, To)
  | where Agentic == 1 or Workload == 1
  | where Result =~ "success"
  | where not(AgentName in~ ("Microsoft Azure AD Internal - Jit-Provisioning", "Microsoft.Azure.SyncFabric", "Managed Service Identity"))
};
let Judged = Rows(Start, End)
  | extend Operation = substring(Operation, 0, 256)
  | where isnotempty(Operation)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, TargetName) by TenantId, AgentId, Operation;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend Operation = substring(Operation, 0, 256)
  | where isnotempty(Operation)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), Operation);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, Operation
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Operation
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = Operation, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " did something to the directory that it has not done in the 13 days before: ", coalesce(Operation, "unknown"), ", on ", coalesce(TargetName, "unknown"), " (", Basis, ")")
| project Detection = "new-directory-operation", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, TargetName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Operation: 'Operation'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent changes the directory in a way it never did: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_new_graph_operation 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '59bd7496-c095-5768-9c6e-66ad8c21ff22'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent calls a Microsoft Graph operation it never called'
    description: '''
Identifies when an agent calls a Microsoft Graph operation it never called.

What an agent does with Graph is written in its code and hardly changes. A new operation is a release, or somebody else's hands. Method and path count; ids, names and query are left aside.

False positives:
- A release that uses more of Graph. Compare with the deployment log.
- Operations that are needed less than every 13 days.

Blind spots:
- Agents with an operation that they have not called for a week, until it is out of the 13 days.
- A thief who needs no other operations than the agent's own (see data-volume-spike).'''
    severity: 'Low'
    enabled: contains(enabled, 'new-graph-operation') ? enabled['new-graph-operation'] : true
    query: '''
// new-graph-operation 1.0.0: Agent calls a Microsoft Graph operation it never called
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, Operation: string, ResponseStatusCode: long, IPAddress: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      Operation = strcat(toupper(RequestMethod), " ", UriTemplate),
      ResponseStatusCode = tolong(ResponseStatusCode), IPAddress)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
  | where (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400)
};
let Judged = Rows(Start, End)
  | extend Operation = substring(Operation, 0, 256)
  | where isnotempty(Operation)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId, Operation;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend Operation = substring(Operation, 0, 256)
  | where isnotempty(Operation)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), Operation);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 16;
let Values = Hourly
  | summarize LastHour = max(Hour) by TenantId, AgentId, Operation
  | summarize Known = count(), Oldest = min(LastHour) by TenantId, AgentId
  | where Oldest >= Start - 7d;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Operation
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = Operation, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " called ", coalesce(Operation, "unknown"), ", which it has not called in the 13 days before (", Basis, ")")
| project Detection = "new-graph-operation", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Discovery'
      'Collection'
    ]
    techniques: [
      'T1087'
      'T1213'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Operation: 'Operation'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent calls a Microsoft Graph operation it never called: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_new_network 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '79e16be3-6988-58ad-ae5c-d0a12a74ecfc'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent signs in from a network it never came from'
    description: '''
Identifies when an agent signs in from a network it never came from.

The autonomous system says who runs the network: a cloud provider, a hoster, a company, a consumer's provider. Agents change their address often and their network hardly ever.

False positives:
- The agent moves to another provider, or gets a new way out to the internet.

Blind spots:
- Managed identities: Entra logs no address for them.
- A thief with machines at the same cloud provider.'''
    severity: 'Medium'
    enabled: contains(enabled, 'new-network') ? enabled['new-network'] : true
    query: '''
// new-network 1.0.0: Agent signs in from a network it never came from
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResultType: string, IPAddress: string, Location: string,
      AutonomousSystemNumber: string, AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, Location, AutonomousSystemNumber, AzureResourceId = ""),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AutonomousSystemNumber, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AutonomousSystemNumber, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | extend AutonomousSystemNumber = substring(AutonomousSystemNumber, 0, 256)
  | where isnotempty(AutonomousSystemNumber)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, Location) by TenantId, AgentId, AutonomousSystemNumber;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend AutonomousSystemNumber = substring(AutonomousSystemNumber, 0, 256)
  | where isnotempty(AutonomousSystemNumber)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), AutonomousSystemNumber);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, AutonomousSystemNumber
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, AutonomousSystemNumber
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = AutonomousSystemNumber, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in from network AS", coalesce(AutonomousSystemNumber, "unknown"), " (", coalesce(IPAddress, "unknown"), ", ", coalesce(Location, "unknown"), "), which it has not come from in the 13 days before (", Basis, ")")
| project Detection = "new-network", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, AutonomousSystemNumber, Location, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
      'CommandAndControl'
    ]
    techniques: [
      'T1078'
      'T1090'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      AutonomousSystemNumb: 'AutonomousSystemNumber'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent signs in from a network it never came from: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_on_behalf_of_first_time 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '958d0b0c-f766-5dac-b862-4b64778ca467'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent acts on a user\'s behalf for the first time'
    description: '''
Identifies when an agent acts on a user's behalf for the first time.

An agent that always acted in its own name has its own permissions. On somebody's behalf it has theirs: whoever can have people sign in to it, gets what each of them may see.

False positives:
- A new feature of the agent, for the people who use it.

Blind spots:
- Agents that act on behalf of users anyway.
- Agent users, which are known by an id of their own (see unusual-resource for what they reach).
- Applications that Entra does not mark as agents.'''
    severity: 'Low'
    enabled: contains(enabled, 'on-behalf-of-first-time') ? enabled['on-behalf-of-first-time'] : true
    query: '''
// on-behalf-of-first-time 1.0.0: An agent acts on a user's behalf for the first time
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, IdentityType: string, ResourceDisplayName: string, ResultType: string,
      IPAddress: string, AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      IdentityType = "ServicePrincipal", ResourceDisplayName, ResultType, IPAddress, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), IdentityType = "ManagedIdentity",
      ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      IdentityType = iff(IsOnBehalf, "OnBehalfOf", iff(IsAgentUser(tostring(Agent)), "AgentUser", "User")),
      ResourceDisplayName, ResultType, IPAddress, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      IdentityType = iff(IsOnBehalf, "OnBehalfOf", iff(IsAgentUser(tostring(Agent)), "AgentUser", "User")),
      ResourceDisplayName, ResultType, IPAddress, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | extend IdentityType = substring(IdentityType, 0, 256)
  | where isnotempty(IdentityType)
  | where IdentityType =~ "OnBehalfOf"
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId, IdentityType;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend IdentityType = substring(IdentityType, 0, 256)
  | where isnotempty(IdentityType)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), IdentityType);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, IdentityType
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, IdentityType
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = IdentityType, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), " on a user's behalf, which it has not done in the 13 days before (", Basis, ")")
| project Detection = "on-behalf-of-first-time", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, IdentityType, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'CredentialAccess'
    ]
    techniques: [
      'T1528'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      IdentityType: 'IdentityType'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent acts on a user\'s behalf for the first time: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_opened_to_other_tenants 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '36cda5cb-2534-5936-947b-c39436e1e6dc'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent\'s application was opened to other tenants'
    description: '''
Identifies when an agent's application was opened to other tenants.

An application of one tenant that others may use can be signed in to from a tenant of the attacker's, with accounts that no policy of yours is about.

False positives:
- A product that is offered to customers from now on.

Blind spots:
- The lock on its copies in other tenants: how the audit log names a change of that is not documented.'''
    severity: 'Medium'
    enabled: contains(enabled, 'opened-to-other-tenants') ? enabled['opened-to-other-tenants'] : true
    query: '''
// opened-to-other-tenants 1.0.0: An agent's application was opened to other tenants
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let Setting = (Text: string) { tolower(replace_regex(Text, @"[\[\]]", "")) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Result: string, MultiTenantBefore: string, MultiTenantAfter: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Result = tolower(Result), MultiTenantBefore = Setting(Before(Properties, "AvailableToOtherTenants")),
    MultiTenantAfter = Setting(After(Properties, "AvailableToOtherTenants")));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where MultiTenantBefore =~ "false"
  | where MultiTenantAfter =~ "true";
Arrived
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h)
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " opened ", coalesce(AgentName, AgentId), " to accounts of other tenants")
| project Detection = "opened-to-other-tenants", TenantId, AgentId, AgentName, AppId, ActorName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'InitialAccess'
    ]
    techniques: [
      'T1098'
      'T1199'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent\'s application was opened to other tenants: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_other_azure_role_assigned 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '7309f525-356b-52a2-873e-59b29446bf2b'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent was given a far-reaching role in Azure'
    description: '''
Identifies when an agent was given a far-reaching role in Azure.

With these roles an agent reads secrets and keys, runs code as other identities, or changes all resources. Each is at times needed; whoever grants one should be able to say for what.

False positives:
- A new agent, or one with a new task. Ask whether a narrower scope would do.
- A request that Azure then refuses.

Blind spots:
- Roles that are not listed, and those of one's own making.
- Assignments to a group that the agent is in.'''
    severity: 'Low'
    enabled: contains(enabled, 'other-azure-role-assigned') ? enabled['other-azure-role-assigned'] : true
    query: '''
// other-azure-role-assigned 1.0.0: An agent was given a far-reaching role in Azure
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let AzureChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, Operation: string, Result: string, ActorName: string,
    RoleName: string, Scope: string)[]),
  (AzureActivity
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend Operation = tolower(OperationNameValue)
  | extend Entity = tolower(tostring(Properties_d.entity))
  | extend IsSetting = Operation contains "/diagnosticsettings/" and isnotempty(Entity)
  | extend Body = parse_json(coalesce(tostring(Properties_d.requestbody), tostring(Properties_d.responseBody)))
  | extend Principal = iff(Operation == "microsoft.authorization/roleassignments/write", tolower(coalesce(tostring(Body.Properties.PrincipalId), tostring(Body.properties.principalId))), "")
  | extend Role = iff(isempty(Principal), "", tolower(extract("([^/]+)$", 1, coalesce(tostring(Body.Properties.RoleDefinitionId), tostring(Body.properties.roleDefinitionId)))))
  | extend SignedInUser = tostring(Claims_d["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"])
  | extend SignedInApp = tostring(Claims_d["appid"])
  | where IsSetting or isnotempty(Principal)
  | project EventTime = TimeGenerated,
    TenantId = tolower(tostring(Claims_d["http://schemas.microsoft.com/identity/claims/tenantid"])),
    AgentId = iff(IsSetting, Entity, Principal), AgentName = "", AppId = "", Agentic = tolong(IsSetting),
    Workload = tolong(isnotempty(Principal) and coalesce(tostring(Body.Properties.PrincipalType), tostring(Body.properties.principalType)) =~ "ServicePrincipal"),
    Operation, Result = tolower(ActivityStatusValue), ActorName = coalesce(SignedInUser, SignedInApp),
    RoleName = case(Role == "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", Role == "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", Role == "f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator", Role == "b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", Role == "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "Virtual Machine Contributor", Role == "f353d9bd-d4a6-484e-a77a-8050b599b867", "Automation Contributor", Role == "f1a07417-d97a-45cb-824c-7a7467783830", "Managed Identity Operator", Role == "00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator", Role == "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer", Role == "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Storage Blob Data Owner", Role == "81a9662b-bebf-436f-a333-f67b29880f12", "Storage Account Key Operator Service Role", ""),
    Scope = iff(isempty(Principal), "", coalesce(tostring(split(Entity, "/providers/microsoft.authorization/")[0]), "/")));
let Arrived = AzureChanges
  | where Agentic == 1 or Workload == 1
  | where Operation =~ "microsoft.authorization/roleassignments/write"
  | where Result in~ ("start", "success")
  | where RoleName in~ ("Contributor", "Virtual Machine Contributor", "Automation Contributor", "Managed Identity Operator", "Key Vault Administrator", "Key Vault Secrets Officer", "Storage Blob Data Owner", "Storage Account Key Operator Service Role");
Arrived
| extend RoleName = substring(RoleName, 0, 256)
| extend Scope = substring(Scope, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h), RoleName, Scope
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " gave an agent the role ", coalesce(RoleName, "unknown"), " of Azure at ", coalesce(Scope, "unknown"))
| project Detection = "other-azure-role-assigned", TenantId, AgentId, AgentName, AppId, ActorName, RoleName, Scope, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      RoleName: 'RoleName'
      Scope: 'Scope'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent was given a far-reaching role in Azure: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_other_directory_role_assigned 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '26a82404-73c8-5e5f-afc6-2a407dbd0293'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent was assigned a directory role that is not among the most powerful'
    description: '''
Identifies when an agent was assigned a directory role that is not among the most powerful.

Agents rarely need a directory role: application permissions are narrower. A role of one's own making may be as powerful as those that are known for it.

False positives:
- An approved automation, for instance a reader of reports.

Blind spots:
- Roles that come with membership of a group (see agent-added-to-group).'''
    severity: 'Medium'
    enabled: contains(enabled, 'other-directory-role-assigned') ? enabled['other-directory-role-assigned'] : true
    query: '''
// other-directory-role-assigned 1.1.0: An agent was assigned a directory role that is not among the most powerful
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    TargetType: string, ActorName: string, Operation: string, Result: string, RoleName: string,
    RoleTemplateId: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    summarize FirstRole = minif(Place, tostring(Target.type) == "Role"))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    TargetType = case(IsNamed, "ServicePrincipal", isnotnull(Changed), ChangedType, "Application"),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    RoleName = coalesce(Either(Properties, "Role.DisplayName"), tostring(TargetResources[FirstRole].displayName)),
    RoleTemplateId = tolower(coalesce(Either(Properties, "Role.TemplateId"), tostring(TargetResources[FirstRole].id))));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where TargetType =~ "ServicePrincipal"
  | where Operation contains "member to role"
  | where Operation startswith "Add"
  | where not(Operation contains "PIM" or RoleTemplateId in~ ("62e90394-69f5-4237-9190-012177145e10", "e8611ab8-c189-46e8-94e1-60213ab1f814", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "158c047a-c907-4556-b7ef-446551a6b5f7", "c4e39bd9-1100-46d3-8c65-fb160da0071f", "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "194ae4cb-b126-40b2-bd5b-6091b380977d", "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "729827e3-9c14-49f7-bb1b-9608f156bbb8", "966707d0-3269-4727-9be2-8c3a10f19b9d", "fe930be7-5e62-47db-91af-98c3a49a38b1", "fdd7a751-b60b-444a-984c-02652fe8fa1c", "29232cdf-9323-42fd-ade2-1d097af3e4de", "f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "3a2c62db-5318-420d-8d74-23affee5d9d5", "8329153b-31d0-4727-b945-745eb3bc5f31", "0526716b-113d-4c15-b2c8-68e3c22b9f80", "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", "9360feb5-f418-4baa-8175-e2a00bac4301", "d29b2b05-8046-44ba-8758-1e26182fcf32", "db506228-d27e-4b7d-95e5-295956d6615f", "be2f45a1-457d-42af-a067-6ec1fa63bc45", "25a516ed-2fa0-40ea-a2d0-12923a21473a", "4ba39ca4-527c-499a-b93d-d9b492c50246"));
Arrived
| extend RoleName = substring(RoleName, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h), RoleName
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " assigned the directory role ", coalesce(RoleName, "unknown"), " to ", coalesce(AgentName, AgentId))
| project Detection = "other-directory-role-assigned", TenantId, AgentId, AgentName, AppId, ActorName, RoleName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      RoleName: 'RoleName'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent was assigned a directory role that is not among the most powerful: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_outside_allowed_hours 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'b046d4af-6adb-5ef9-97df-b410237988fd'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent is active outside of the hours that its owner allows'
    description: '''
Identifies when an agent is active outside of the hours that its owner allows.

Its owner wrote down when the agent works, in its own time zone. Whoever has its credential need not know. It is told once, until the agent has kept to its hours for twelve hours.

False positives:
- A deployment or a repair at night. Widen the hours in the inventory if it happens often.
- Holidays and changed shifts.

Blind spots:
- Agents whose inventory names no hours (see agent-active-off-hours, which learns them).
- What an intruder does within the hours.'''
    severity: 'Medium'
    enabled: contains(enabled, 'outside-allowed-hours') ? enabled['outside-allowed-hours'] : true
    query: '''
// outside-allowed-hours 1.0.0: An agent is active outside of the hours that its owner allows
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let Inventory = _GetWatchlist("AgentInventory")
  | project AgentId = tolower(tostring(id)), Agent_id = tostring(id), Agent_app_id = tostring(app_id), Agent_name = tostring(name), Agent_owner = tostring(owner), Agent_sponsor = tostring(sponsor), Agent_tier = tostring(tier), Agent_status = tostring(status), Agent_hours = tostring(hours);
let Days = dynamic(["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]);
let DayOf = (Time: datetime) { tostring(Days[toint(dayofweek(Time) / 1d)]) };
let IsOn = (Local: datetime, Clock: string, Hours: dynamic) {
  (strcmp(Clock, tostring(Hours["from"])) >= 0 and set_has_element(Hours.days, DayOf(Local))
    and (strcmp(tostring(Hours["from"]), tostring(Hours["to"])) >= 0 or strcmp(Clock, tostring(Hours["to"])) < 0))
  or (strcmp(tostring(Hours["from"]), tostring(Hours["to"])) >= 0 and strcmp(Clock, tostring(Hours["to"])) < 0 and set_has_element(Hours.days, DayOf(Local - 1d)))
};
let AtLocal = (Local: datetime, Hours: dynamic) { IsOn(Local, format_datetime(Local, "HH:mm"), Hours) };
let IsWithin = (Time: datetime, Hours: string) { AtLocal(datetime_utc_to_local(Time, tostring(parse_json(Hours).zone)), parse_json(Hours)) };
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResourceDisplayName: string, ResultType: string, IPAddress: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResourceDisplayName, ResultType, IPAddress, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | lookup kind=leftouter Inventory on AgentId
  | where Agentic == 1 or isnotempty(Agent_id) or Workload == 1
  | where ResultType =~ "0"
  | where isnotempty(Agent_hours)
  | where not(coalesce(IsWithin(EventTime, Agent_hours), false))
};
let Announcements = materialize(SignIns(Start - 12h, End)
  | lookup kind=leftouter Inventory on AgentId
  | where Agentic == 1 or isnotempty(Agent_id) or Workload == 1
  | where ResultType =~ "0"
  | where isnotempty(Agent_hours)
  | where not(coalesce(IsWithin(EventTime, Agent_hours), false))
  | extend Meeting = AgentId
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms));
let Unannounced = Rows(Start, End)
  | extend At = bin(EventTime, 1ms)
  | extend Meeting = AgentId
  | join kind=leftouter Announcements on TenantId, Meeting
  | summarize Announced = countif(CompanionTime between (At - 12h .. At - 1ms)) by EventTime, TenantId, AgentId, AgentName, AppId, ResourceDisplayName, IPAddress, AzureResourceId
  | where Announced == 0;
Unannounced
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId
| extend Basis = "every such event is reported"
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), " from ", coalesce(IPAddress, "unknown"), " outside of the hours that the inventory allows it")
| project Detection = "outside-allowed-hours", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent is active outside of the hours that its owner allows: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_outside_allowed_networks 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '2a27fb91-c7b2-5a8d-9dad-9c2df148302f'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent signs in from outside of the networks that its owner allows'
    description: '''
Identifies when an agent signs in from outside of the networks that its owner allows.

Its owner wrote down where the agent runs. A sign-in from anywhere else is not the agent, or an agent that was moved without its owner; no history is needed to say so.

False positives:
- An agent that moved. Add its new network to the inventory.

Blind spots:
- Agents whose inventory names no networks.
- Managed identities, whose sign-ins have no address.'''
    severity: 'High'
    enabled: contains(enabled, 'outside-allowed-networks') ? enabled['outside-allowed-networks'] : true
    query: '''
// outside-allowed-networks 1.0.0: An agent signs in from outside of the networks that its owner allows
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Inventory = _GetWatchlist("AgentInventory")
  | project AgentId = tolower(tostring(id)), Agent_id = tostring(id), Agent_app_id = tostring(app_id), Agent_name = tostring(name), Agent_owner = tostring(owner), Agent_sponsor = tostring(sponsor), Agent_tier = tostring(tier), Agent_status = tostring(status), Agent_networks = tostring(networks);
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, ResourceDisplayName: string, ResultType: string, IPAddress: string,
    Location: string, AzureResourceId: string)[]),
  (AADServicePrincipalSignInLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(ServicePrincipalId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
    AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))),
    Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
    ResourceDisplayName, ResultType, IPAddress, Location, AzureResourceId = ""),
  (AADManagedIdentitySignInLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(ServicePrincipalId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
    AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResourceDisplayName, ResultType,
    IPAddress, Location,
    AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
  (AADNonInteractiveUserSignInLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
  | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
  | where isnotempty(SubjectId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
    AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
    IPAddress, Location, AzureResourceId = ""),
  (SigninLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
  | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
  | where isnotempty(SubjectId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
    AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
    IPAddress, Location, AzureResourceId = "");
let Arrived = SignIns
  | lookup kind=leftouter Inventory on AgentId
  | where Agentic == 1 or isnotempty(Agent_id) or Workload == 1
  | where ResultType =~ "0"
  | where isnotempty(IPAddress)
  | where isnotempty(Agent_networks)
  | where not((coalesce(ipv4_is_in_any_range(IPAddress, extract_all(@"([0-9]+(?:\.[0-9]+){3}(?:/[0-9]+)?)", Agent_networks)), false) or (IPAddress contains ":" and coalesce(ipv6_is_in_any_range(IPAddress, extract_all(@"([0-9a-fA-F:]*:[0-9a-fA-F:./]*)", Agent_networks)), false))));
Arrived
| extend IPAddress = substring(IPAddress, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, AzureResourceId, ResourceDisplayName, Location) by TenantId, AgentId, Hour = bin(EventTime, 1h), IPAddress
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), " from ", coalesce(IPAddress, "unknown"), " (", coalesce(Location, "unknown"), "), which lies in none of the networks that the inventory allows it")
| project Detection = "outside-allowed-networks", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Location, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      IPAddress: 'IPAddress'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent signs in from outside of the networks that its owner allows: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_outside_allowed_resources 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'ce92c811-9584-50fa-a5e5-10873031fe6f'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent reaches a resource that its owner does not allow'
    description: '''
Identifies when an agent reaches a resource that its owner does not allow.

Its owner wrote down what the agent works with. A token to anything else shows what its permissions would let it do beyond its task, and that somebody found out.

False positives:
- An agent with a new task. Add the resource to the inventory.

Blind spots:
- Agents whose inventory names no resources (see unusual-resource, which learns them).
- What it does at a resource that is allowed.'''
    severity: 'Medium'
    enabled: contains(enabled, 'outside-allowed-resources') ? enabled['outside-allowed-resources'] : true
    query: '''
// outside-allowed-resources 1.0.0: An agent reaches a resource that its owner does not allow
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Inventory = _GetWatchlist("AgentInventory")
  | project AgentId = tolower(tostring(id)), Agent_id = tostring(id), Agent_app_id = tostring(app_id), Agent_name = tostring(name), Agent_owner = tostring(owner), Agent_sponsor = tostring(sponsor), Agent_tier = tostring(tier), Agent_status = tostring(status), Agent_resources = tostring(resources);
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, ResourceIdentity: string, ResourceDisplayName: string,
    ResultType: string, IPAddress: string, AzureResourceId: string)[]),
  (AADServicePrincipalSignInLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(ServicePrincipalId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
    AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))),
    Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
    ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
    AzureResourceId = ""),
  (AADManagedIdentitySignInLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(ServicePrincipalId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
    AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1),
    ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
    AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
  (AADNonInteractiveUserSignInLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
  | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
  | where isnotempty(SubjectId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
    AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
    ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
    AzureResourceId = ""),
  (SigninLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
  | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
  | where isnotempty(SubjectId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
    AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
    ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
    AzureResourceId = "");
let Arrived = SignIns
  | lookup kind=leftouter Inventory on AgentId
  | where Agentic == 1 or isnotempty(Agent_id) or Workload == 1
  | where ResultType =~ "0"
  | where isnotempty(ResourceIdentity)
  | where isnotempty(Agent_resources)
  | where not((isnotempty(ResourceIdentity) and set_has_element(split(tolower(Agent_resources), ";"), tolower(ResourceIdentity))) or (isnotempty(ResourceDisplayName) and set_has_element(split(tolower(Agent_resources), ";"), tolower(ResourceDisplayName))));
Arrived
| extend ResourceIdentity = substring(ResourceIdentity, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId, Hour = bin(EventTime, 1h), ResourceIdentity
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), ", which is not among the resources that the inventory allows it")
| project Detection = "outside-allowed-resources", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, ResourceIdentity, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
      'LateralMovement'
    ]
    techniques: [
      'T1078'
      'T1550'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      ResourceIdentity: 'ResourceIdentity'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent reaches a resource that its owner does not allow: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_owner_added 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'fa537de3-22a0-5748-8c7c-8eea70364bc6'
  kind: 'Scheduled'
  properties: {
    displayName: 'An owner was added to an agent'
    description: '''
Identifies when an owner was added to an agent.

An owner can add credentials to the agent and so act as it, without holding any role.

False positives:
- A handover between teams.

Blind spots:
- Owners set while the application is created.'''
    severity: 'Medium'
    enabled: contains(enabled, 'owner-added') ? enabled['owner-added'] : true
    query: '''
// owner-added 1.0.0: An owner was added to an agent
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Operation: string, Result: string, TargetName: string, TargetId: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    TargetName = coalesce(tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName)),
    TargetId = tolower(tostring(TargetResources[0].id)));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where Operation in~ ("Add owner to service principal", "Add owner to application");
Arrived
| extend TargetId = substring(TargetId, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, TargetName) by TenantId, AgentId, Hour = bin(EventTime, 1h), TargetId
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " made ", coalesce(TargetName, "unknown"), " an owner of ", coalesce(AgentName, AgentId))
| project Detection = "owner-added", TenantId, AgentId, AgentName, AppId, ActorName, TargetName, Hour, TargetId, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      TargetId: 'TargetId'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An owner was added to an agent: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_owner_removed 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '93b24084-526e-5a80-8de4-09ba0539fb83'
  kind: 'Scheduled'
  properties: {
    displayName: 'An owner or sponsor was taken from an agent'
    description: '''
Identifies when an owner or sponsor was taken from an agent.

Owners and sponsors answer for an agent and are asked when it behaves oddly. Whoever wants to keep it takes them away, and so does an agent that nobody looks after become an orphan.

False positives:
- A handover between teams, or somebody who leaves. Check that another owner remains.

Blind spots:
- Owners who are deleted themselves, which is a change of theirs and not of the agent's.
- Whether it was the last owner, which the record does not say.'''
    severity: 'Low'
    enabled: contains(enabled, 'owner-removed') ? enabled['owner-removed'] : true
    query: '''
// owner-removed 1.0.0: An owner or sponsor was taken from an agent
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Operation: string, Result: string, TargetName: string, TargetId: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    TargetName = coalesce(tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName)),
    TargetId = tolower(tostring(TargetResources[0].id)));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where Operation startswith "Remove"
  | where Operation contains "owner" or Operation contains "sponsor";
Arrived
| extend TargetId = substring(TargetId, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, TargetName, Operation) by TenantId, AgentId, Hour = bin(EventTime, 1h), TargetId
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " took the owner or sponsor ", coalesce(TargetName, "unknown"), " from ", coalesce(AgentName, AgentId), " (", coalesce(Operation, "unknown"), ")")
| project Detection = "owner-removed", TenantId, AgentId, AgentName, AppId, ActorName, TargetName, Operation, Hour, TargetId, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      TargetId: 'TargetId'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An owner or sponsor was taken from an agent: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_ownerless_agent_active 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'cc0cbf4c-59ed-5e00-bcdc-f81d489e4479'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent is active that has neither an owner nor a sponsor'
    description: '''
Identifies when an agent is active that has neither an owner nor a sponsor.

When an agent behaves oddly, its owner is who knows whether it was meant. An agent without one is looked after by nobody. It is told once, until it has been silent for a day.

False positives:
- An inventory that is behind. Add the owner.

Blind spots:
- Owners who have left, as long as the inventory names them.
- Agents that the inventory does not list (see unregistered-agent-active).'''
    severity: 'Low'
    enabled: contains(enabled, 'ownerless-agent-active') ? enabled['ownerless-agent-active'] : true
    query: '''
// ownerless-agent-active 1.0.0: An agent is active that has neither an owner nor a sponsor
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let Inventory = _GetWatchlist("AgentInventory")
  | project AgentId = tolower(tostring(id)), Agent_id = tostring(id), Agent_app_id = tostring(app_id), Agent_name = tostring(name), Agent_owner = tostring(owner), Agent_sponsor = tostring(sponsor), Agent_tier = tostring(tier), Agent_status = tostring(status);
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResourceDisplayName: string, ResultType: string, IPAddress: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResourceDisplayName, ResultType, IPAddress, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | lookup kind=leftouter Inventory on AgentId
  | extend Agent_listed = iff(isnotempty(Agent_id), "yes", iff(toscalar(Inventory | count) > 0, "no", ""))
  | where Agentic == 1 or isnotempty(Agent_id) or Workload == 1
  | where ResultType =~ "0"
  | where Agent_listed =~ "yes"
  | where Agent_owner =~ ""
  | where Agent_sponsor =~ ""
};
let Announcements = materialize(SignIns(Start - 1d, End)
  | lookup kind=leftouter Inventory on AgentId
  | extend Agent_listed = iff(isnotempty(Agent_id), "yes", iff(toscalar(Inventory | count) > 0, "no", ""))
  | where Agentic == 1 or isnotempty(Agent_id) or Workload == 1
  | where ResultType =~ "0"
  | where Agent_listed =~ "yes"
  | where Agent_owner =~ ""
  | where Agent_sponsor =~ ""
  | extend Meeting = AgentId
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms));
let Unannounced = Rows(Start, End)
  | extend At = bin(EventTime, 1ms)
  | extend Meeting = AgentId
  | join kind=leftouter Announcements on TenantId, Meeting
  | summarize Announced = countif(CompanionTime between (At - 1d .. At - 1ms)) by EventTime, TenantId, AgentId, AgentName, AppId, ResourceDisplayName, IPAddress, AzureResourceId
  | where Announced == 0;
Unannounced
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId
| extend Basis = "every such event is reported"
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), ", and the inventory names neither an owner nor a sponsor")
| project Detection = "ownerless-agent-active", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent is active that has neither an owner nor a sponsor: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_privilege_granted_then_used 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '30f2da61-155c-5605-b025-cea4b719c704'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent was given a high-privilege permission and does something new within a day'
    description: '''
Identifies when an agent was given a high-privilege permission and does something new within a day.

A grant by itself may be planned for next month. A grant whose agent begins something new at once is either a release, or somebody who took what they came for.

False positives:
- A release that needs a new permission, for which the owner asked.

Blind spots:
- An agent unknown so far, or one whose operations stay the same.
- Use through other APIs than Microsoft Graph.'''
    severity: 'Medium'
    enabled: contains(enabled, 'privilege-granted-then-used') ? enabled['privilege-granted-then-used'] : true
    query: '''
// privilege-granted-then-used 1.0.0: An agent was given a high-privilege permission and does something new within a day
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, Operation: string, ResponseStatusCode: long, IPAddress: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      Operation = strcat(toupper(RequestMethod), " ", UriTemplate),
      ResponseStatusCode = tolong(ResponseStatusCode), IPAddress)
};
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AppId: string, ActorName: string,
      Operation: string, Result: string, PermissionName: string)[]),
    (AuditLogs
    | where TimeGenerated >= From
    | where ActivityDateTime >= From and ActivityDateTime < To
    | mv-apply Target = TargetResources on (
      mv-expand Property = Target.modifiedProperties
      | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
    | mv-apply with_itemindex=Place Target = TargetResources on (
      extend Kind = tostring(Target.type)
      | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
        SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
        FirstApplication = minif(Place, Kind == "Application"),
        FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
    | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
    | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
    | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
    | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
      or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
      or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
    | extend Changed = coalesce(FirstPrincipal, FirstApplication)
    | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
      IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
    | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
      Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
    | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
    | where isnotempty(ChangedId)
    | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
      AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
      ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
      Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
      Result = tolower(Result), PermissionName = Either(Properties, "AppRole.Value"))
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
  | where (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400)
};
let Companions = materialize(AgentChanges(Start - 1d, End)
  | where Result =~ "success"
  | where (Operation startswith "Add" and Operation contains "member to role") or (Operation =~ "Add app role assignment to service principal" and PermissionName in~ ("RoleManagement.ReadWrite.Directory", "AppRoleAssignment.ReadWrite.All", "Application.ReadWrite.All", "Directory.ReadWrite.All", "Group.ReadWrite.All", "User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All", "Policy.ReadWrite.ConditionalAccess", "Mail.Read", "Mail.ReadWrite", "Mail.Send", "Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All", "Sites.FullControl.All", "Chat.Read.All", "ChannelMessage.Read.All"))
  | mv-expand Meeting = pack_array(AgentId, AppId) to typeof(string)
  | where isnotempty(Meeting)
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms), AfterActorName = ActorName, AfterOperation = Operation);
let Accompanied = Rows(Start, End)
  | extend At = bin(EventTime, 1ms)
  | mv-expand Meeting = pack_array(AgentId, AppId) to typeof(string)
  | where isnotempty(Meeting)
  | join kind=inner Companions on TenantId, Meeting
  | where CompanionTime between (At - 1d .. At - 1ms)
  | summarize arg_max(CompanionTime, AfterActorName, AfterOperation) by EventTime, TenantId, AgentId, AgentName, AppId, Operation, IPAddress
  | extend AfterMinutes = tolong((bin(EventTime, 1ms) - CompanionTime) / 1m);
let Judged = Accompanied
  | extend Operation = substring(Operation, 0, 256)
  | where isnotempty(Operation)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AfterMinutes, AfterActorName, AfterOperation) by TenantId, AgentId, Operation;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend Operation = substring(Operation, 0, 256)
  | where isnotempty(Operation)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), Operation);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, Operation
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Operation
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = Operation, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " called ", coalesce(Operation, "unknown"), ", which is new to it, ", AfterMinutes, " minutes after ", coalesce(AfterActorName, "unknown"), " gave it more rights (", coalesce(AfterOperation, "unknown"), ")")
| project Detection = "privilege-granted-then-used", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, AfterMinutes, AfterActorName, AfterOperation, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
      'Collection'
    ]
    techniques: [
      'T1098'
      'T1213'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      Operation: 'Operation'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent was given a high-privilege permission and does something new within a day: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_rare_resource_volume 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'b27a4f1a-d06c-59e5-8e73-c8ab0c327d6a'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent pulls a large volume through a part of Graph it rarely uses'
    description: '''
Identifies when an agent pulls a large volume through a part of Graph it rarely uses.

A large volume alone may be a busy day, a rare resource alone a new feature. Both at once is what collecting data with somebody else's agent looks like.

False positives:
- A new feature of the agent that reads much at once.
- A report that runs once a month or less.

Blind spots:
- Answers that are streamed are logged with a size of 0.
- Data pulled through a resource that the agent uses every day (see data-volume-spike).'''
    severity: 'High'
    enabled: contains(enabled, 'rare-resource-volume') ? enabled['rare-resource-volume'] : true
    query: '''
// rare-resource-volume 1.0.0: Agent pulls a large volume through a part of Graph it rarely uses
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, GraphResource: string, ResponseSizeBytes: long,
      IPAddress: string, Id: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, Type = "MicrosoftGraphActivityLogs", TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      GraphResource = extract(@"^/?([^/]+(?:/[^/]+)?)", 1, replace_regex(UriTemplate, @"/[^/]*\{[^/]*", "")),
      ResponseSizeBytes = tolong(ResponseSizeBytes), IPAddress, Id = RequestId)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | extend GraphResource = substring(GraphResource, 0, 256)
  | where isnotempty(GraphResource)
  | summarize Once = take_any(coalesce(ResponseSizeBytes, tolong(0))), All = sum(coalesce(ResponseSizeBytes, tolong(0))), arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId, GraphResource, Type, Id
  | summarize Observed = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId, GraphResource
  | where Observed > real(20000000);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend GraphResource = substring(GraphResource, 0, 256)
  | where isnotempty(GraphResource)
  | extend Amount = coalesce(ResponseSizeBytes, tolong(0))
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, GraphResource, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, GraphResource, Hour);
let History = Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h)
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Used = Hourly
  | summarize by TenantId, AgentId, GraphResource, Day = startofday(Hour)
  | summarize Days = count() by TenantId, AgentId, GraphResource;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Cells = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=leftouter Used on TenantId, AgentId, GraphResource
| join kind=leftouter Usual on TenantId, AgentId
| extend Days = coalesce(Days, 0), Cells = coalesce(Cells, 0), Median = coalesce(Median, real(0))
| where Days <= 2
| extend Threshold = max_of(real(20000000), real(10) * Median)
| where Observed > Threshold
| extend Basis = strcat("used on ", Days, " of the 13 days before; median ", Median, " over ", Cells, " active resource hours")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " received ", strcat(round(Observed / 1000000.0, 1), " MB"), " from ", coalesce(GraphResource, "unknown"), " within an hour, which it used on ", Days, " of the 13 days before; its usual hour on a resource brings ", strcat(round(Median / 1000000.0, 1), " MB"))
| project Detection = "rare-resource-volume", TenantId, AgentId, AgentName, AppId, IPAddress, GraphResource, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Collection'
      'Exfiltration'
    ]
    techniques: [
      'T1213'
      'T1114'
      'T1567'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      GraphResource: 'GraphResource'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent pulls a large volume through a part of Graph it rarely uses: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_redirect_address_added 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '9e1a2114-18cd-5224-a4d8-045240cef3c5'
  kind: 'Scheduled'
  properties: {
    displayName: 'A redirect address was added to an agent\'s application'
    description: '''
Identifies when a redirect address was added to an agent's application.

Entra sends codes and tokens of people who sign in to the redirect address. Who can add one of their own, gets what people consented to, without any credential of the agent.

False positives:
- A release that moves to another host name. Check that the host is yours.

Blind spots:
- The developer's own machine, where whoever runs there gets the tokens.
- Addresses that a wildcard or an abandoned host name of your own leads to somebody else.'''
    severity: 'Medium'
    enabled: contains(enabled, 'redirect-address-added') ? enabled['redirect-address-added'] : true
    query: '''
// redirect-address-added 1.0.0: A redirect address was added to an agent's application
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AsList = (Text: string) { iff(array_length(parse_json(Text)) > 0, parse_json(Text), dynamic([{}])) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Operation: string, Result: string, AddressesAdded: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | mv-apply Entry = AsList(After(Properties, "AppAddress")) on (
    summarize AddressesAfter = make_set_if(tostring(Entry.Address), isnotempty(Entry.Address)))
  | mv-apply Entry = AsList(Before(Properties, "AppAddress")) on (
    summarize AddressesBefore = make_set_if(tostring(Entry.Address), isnotempty(Entry.Address)))
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result),
    AddressesAdded = strcat_array(array_sort_asc(set_difference(AddressesAfter, AddressesBefore)), "; "));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where isnotempty(AddressesAdded)
  | where not(Operation in~ ("Add application", "Add service principal") or ((AddressesAdded in~ ("http://localhost", "https://localhost") or (AddressesAdded startswith "http://localhost:" or AddressesAdded startswith "https://localhost:" or AddressesAdded startswith "http://localhost/" or AddressesAdded startswith "https://localhost/" or AddressesAdded startswith "http://127.0.0.1:")) and not(AddressesAdded contains "; " or AddressesAdded contains "@")));
Arrived
| extend AddressesAdded = substring(AddressesAdded, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h), AddressesAdded
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " added to ", coalesce(AgentName, AgentId), " the redirect address ", coalesce(AddressesAdded, "unknown"))
| project Detection = "redirect-address-added", TenantId, AgentId, AgentName, AppId, ActorName, AddressesAdded, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'CredentialAccess'
    ]
    techniques: [
      'T1528'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      AddressesAdded: 'AddressesAdded'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A redirect address was added to an agent\'s application: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_rejected_credential_burst 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'db0f453d-4bbd-5f16-a632-8b1e63aa3ce3'
  kind: 'Scheduled'
  properties: {
    displayName: 'An expired or wrong credential of an agent is tried again and again'
    description: '''
Identifies when an expired or wrong credential of an agent is tried again and again.

A thief with an old copy of a secret tries it. So does a job that nobody maintains: either way somebody should look, and the credential is no longer what its owner believes.

False positives:
- An expired secret that a job keeps trying. Rotate it, or stop the job.

Blind spots:
- Few tries an hour.
- An agent unknown so far.'''
    severity: 'Medium'
    enabled: contains(enabled, 'rejected-credential-burst') ? enabled['rejected-credential-burst'] : true
    query: '''
// rejected-credential-burst 1.0.0: An expired or wrong credential of an agent is tried again and again
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, ResultType: string, IPAddress: string,
      AzureResourceId: string, Id: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADServicePrincipalSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, AzureResourceId = "", Id),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADManagedIdentitySignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(1), ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId), Id),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "AADNonInteractiveUserSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      AzureResourceId = "", Id),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "SigninLogs", TenantId = tolower(AADTenantId),
      AgentId = tolower(SubjectId), AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName),
      AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType,
      IPAddress, AzureResourceId = "", Id)
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | where ResultType in~ ("7000215", "7000222", "700027", "700024", "7000229")
  | summarize Once = take_any(tolong(1)), All = sum(tolong(1)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResultType) by TenantId, AgentId, Type, Id
  | summarize Observed = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResultType) by TenantId, AgentId
  | where Observed > real(10);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Amount = iff(ResultType in~ ("7000215", "7000222", "700027", "700024", "7000229"), tolong(1), tolong(0))
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, Hour);
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(10), Median + real(8) * max_of(1.4826 * Mad, real(1) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(Observed, " sign-ins of ", coalesce(AgentName, AgentId), " were refused within an hour for its credential, the last with error ", coalesce(ResultType, "unknown"), "; usual are ", Median, ", the limit ", Threshold)
| project Detection = "rejected-credential-burst", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResultType, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'CredentialAccess'
    ]
    techniques: [
      'T1110'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An expired or wrong credential of an agent is tried again and again: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_resource_sweep 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'd1368b63-ac4f-5112-87ea-bda40df8401b'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent reaches many different resources within an hour'
    description: '''
Identifies when an agent reaches many different resources within an hour.

Somebody who finds a credential tries what it opens: Graph, Azure Resource Manager, Key Vault, storage, one after the other. Agents have a few resources and know which.

False positives:
- Inventory and backup agents on their first full run.

Blind spots:
- Resources tried over several hours (see unusual-resource).
- The failed attempts count as well; those against a resource that does not exist have no resource id.'''
    severity: 'High'
    enabled: contains(enabled, 'resource-sweep') ? enabled['resource-sweep'] : true
    query: '''
// resource-sweep 1.0.0: Agent reaches many different resources within an hour
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResourceIdentity: string, IPAddress: string, AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResourceIdentity = tolower(ResourceIdentity), IPAddress, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1),
      ResourceIdentity = tolower(ResourceIdentity), IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      ResourceIdentity = tolower(ResourceIdentity), IPAddress, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      ResourceIdentity = tolower(ResourceIdentity), IPAddress, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
};
let Judged = Rows(Start, End)
  | extend Value = substring(ResourceIdentity, 0, 256)
  | summarize Observed = array_length(make_set_if(Value, isnotempty(Value))), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId
  | where Observed > real(5);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Value = substring(ResourceIdentity, 0, 256)
  | summarize Total = array_length(make_set_if(Value, isnotempty(Value))) by TenantId, AgentId, Hour = bin(EventTime, 1h));
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(5), Median + real(6) * max_of(1.4826 * Mad, real(0.5) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " asked for tokens to ", Observed, " different resources within an hour; usual are ", Median, ", the limit ", Threshold)
| project Detection = "resource-sweep", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Discovery'
      'InitialAccess'
    ]
    techniques: [
      'T1526'
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent reaches many different resources within an hour: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_retired_agent_active 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'f38d7123-4208-5000-8b35-3cedb6361fb6'
  kind: 'Scheduled'
  properties: {
    displayName: 'A retired or disabled agent is active'
    description: '''
Identifies when a retired or disabled agent is active.

Its owner said that the agent is done. Whatever still signs in as it has no owner who would notice, and credentials that somebody forgot.

False positives:
- An inventory that is behind.

Blind spots:
- Agents that the inventory does not list.
- Attempts that fail.'''
    severity: 'High'
    enabled: contains(enabled, 'retired-agent-active') ? enabled['retired-agent-active'] : true
    query: '''
// retired-agent-active 1.0.0: A retired or disabled agent is active
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Inventory = _GetWatchlist("AgentInventory")
  | project AgentId = tolower(tostring(id)), Agent_id = tostring(id), Agent_app_id = tostring(app_id), Agent_name = tostring(name), Agent_owner = tostring(owner), Agent_sponsor = tostring(sponsor), Agent_tier = tostring(tier), Agent_status = tostring(status);
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    Agentic: long, Workload: long, ResourceDisplayName: string, ResultType: string, IPAddress: string,
    AzureResourceId: string)[]),
  (AADServicePrincipalSignInLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(ServicePrincipalId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
    AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))),
    Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
    ResourceDisplayName, ResultType, IPAddress, AzureResourceId = ""),
  (AADManagedIdentitySignInLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(ServicePrincipalId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
    AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResourceDisplayName, ResultType,
    IPAddress, AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
  (AADNonInteractiveUserSignInLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
  | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
  | where isnotempty(SubjectId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
    AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
    IPAddress, AzureResourceId = ""),
  (SigninLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
  | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
  | where isnotempty(SubjectId)
  | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
    AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
    Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
    IPAddress, AzureResourceId = "");
let Arrived = SignIns
  | lookup kind=leftouter Inventory on AgentId
  | where Agentic == 1 or isnotempty(Agent_id) or Workload == 1
  | where ResultType =~ "0"
  | where Agent_status in~ ("retired", "disabled");
Arrived
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId, Hour = bin(EventTime, 1h)
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), ", though the inventory has it as retired or disabled")
| project Detection = "retired-agent-active", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'A retired or disabled agent is active: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_return_after_silence 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'b89cceb3-a178-507e-bfd4-d3fd81c0d3af'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent is active again after a long silence'
    description: '''
Identifies when an agent is active again after a long silence.

A forgotten agent keeps its permissions, and nobody looks at it any more. That is what makes it worth taking over.

False positives:
- Jobs that run every ten days or so, and agents that people start by hand after a holiday.

Blind spots:
- A silence longer than 13 days: the agent is then unknown.'''
    severity: 'Low'
    enabled: contains(enabled, 'return-after-silence') ? enabled['return-after-silence'] : true
    query: '''
// return-after-silence 1.0.0: Agent is active again after a long silence
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResourceDisplayName: string, ResultType: string, IPAddress: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResourceDisplayName, ResultType, IPAddress, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId;
let Hours = Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h);
let Silent = Hours
  | summarize LastHour = max(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - LastHour >= 9d and ActiveHours >= 8;
Judged
| join kind=inner Silent on TenantId, AgentId
| extend GapDays = 9, SilentDays = round((Start - LastHour) / 1d, 1), Last = format_datetime(LastHour, "yyyy-MM-dd HH:mm")
| extend Observed = SilentDays
| extend Basis = strcat("last active at ", Last, " UTC, in ", ActiveHours, " hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), " after ", SilentDays, " days of silence (", Basis, ")")
| project Detection = "return-after-silence", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent is active again after a long silence: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_risk_detected 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '2023ea5d-94f6-5c38-9c3c-7d0cb81b7787'
  kind: 'Scheduled'
  properties: {
    displayName: 'Entra found an agent at medium or high risk'
    description: '''
Identifies when entra found an agent at medium or high risk.

Entra ID Protection judges agents and workload identities by what it knows of all tenants: addresses of attackers, leaked secrets, unusual resources. Its findings come hours late but are rarely idle.

False positives:
- A new task of the agent, which Entra finds unfamiliar. Dismiss the risk in Entra, so that it learns.

Blind spots:
- Tenants without a licence for ID Protection of agents or workload identities.
- Managed identities, which Entra does not judge.
- Entra tells of what happened hours or days ago.'''
    severity: 'Medium'
    enabled: contains(enabled, 'risk-detected') ? enabled['risk-detected'] : true
    query: '''
// risk-detected 1.0.0: Entra found an agent at medium or high risk
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let RiskEvents = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    RecordKind: string, RiskEventType: string, RiskLevel: string, RiskState: string, IPAddress: string)[]),
  (AADAgentRiskEvents
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(AgentId)
  | project EventTime = ActivityDateTime, TenantId = "", AgentId = tolower(AgentId),
    AgentName = AgentDisplayName, AppId = "", RecordKind = "Detection", RiskEventType, RiskLevel,
    RiskState, IPAddress = ""),
  (AADRiskyAgents
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(Id)
  | project EventTime = RiskLastModifiedDateTime, TenantId = "", AgentId = tolower(Id),
    AgentName = AgentDisplayName, AppId = "", RecordKind = "State", RiskEventType = "", RiskLevel,
    RiskState, IPAddress = ""),
  (AADServicePrincipalRiskEvents
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(ServicePrincipalId)
  | project EventTime = ActivityDateTime, TenantId = "", AgentId = tolower(ServicePrincipalId),
    AgentName = ServicePrincipalDisplayName, AppId = tolower(AppId), RecordKind = "Detection",
    RiskEventType, RiskLevel, RiskState, IPAddress = IpAddress),
  (AADRiskyServicePrincipals
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | where isnotempty(Id)
  | project EventTime = RiskLastUpdatedDateTime, TenantId = "", AgentId = tolower(Id), AgentName = DisplayName,
    AppId = tolower(AppId), RecordKind = "State", RiskEventType = "", RiskLevel, RiskState,
    IPAddress = "");
let Arrived = RiskEvents
  | where RecordKind =~ "Detection"
  | where RiskLevel in~ ("medium", "high")
  | where RiskState in~ ("atRisk", "confirmedCompromised")
  | where not(RiskEventType startswith "adminConfirmed" or RiskEventType =~ "leakedCredentials");
Arrived
| extend RiskEventType = substring(RiskEventType, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, RiskLevel) by TenantId, AgentId, Hour = bin(EventTime, 1h), RiskEventType
| extend Basis = "every such event is reported"
| extend Reason = strcat("Entra found ", coalesce(AgentName, AgentId), " at ", coalesce(RiskLevel, "unknown"), " risk: ", coalesce(RiskEventType, "unknown"))
| project Detection = "risk-detected", TenantId, AgentId, AgentName, AppId, IPAddress, RiskLevel, RiskEventType, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      RiskEventType: 'RiskEventType'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Entra found an agent at medium or high risk: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_risk_then_new_resource 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '95fb5a25-99ca-5175-a8e3-d53e7f0d29c9'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent at risk reaches a resource it has not used before'
    description: '''
Identifies when an agent at risk reaches a resource it has not used before.

What Entra finds may be a mistake, and so may a new resource. An agent of which Entra says that it is at risk, and which goes where it never went on the same day, is hardly both by chance.

False positives:
- A new task of the agent, which Entra finds unfamiliar as well.

Blind spots:
- Entra tells of a risk hours or days late: in the stream, what it tells more than a day late does not count.
- Managed identities, which Entra does not judge.'''
    severity: 'High'
    enabled: contains(enabled, 'risk-then-new-resource') ? enabled['risk-then-new-resource'] : true
    query: '''
// risk-then-new-resource 1.0.0: An agent at risk reaches a resource it has not used before
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResourceIdentity: string, ResourceDisplayName: string,
      ResultType: string, IPAddress: string, AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1),
      ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = "")
};
let RiskEvents = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AppId: string, RecordKind: string,
      RiskEventType: string, RiskLevel: string, RiskState: string)[]),
    (AADAgentRiskEvents
    | where TimeGenerated >= From
    | where ActivityDateTime >= From and ActivityDateTime < To
    | where isnotempty(AgentId)
    | project EventTime = ActivityDateTime, TenantId = "", AgentId = tolower(AgentId), AppId = "",
      RecordKind = "Detection", RiskEventType, RiskLevel, RiskState),
    (AADRiskyAgents
    | where TimeGenerated >= From
    | where RiskLastModifiedDateTime >= From and RiskLastModifiedDateTime < To
    | where isnotempty(Id)
    | project EventTime = RiskLastModifiedDateTime, TenantId = "", AgentId = tolower(Id), AppId = "",
      RecordKind = "State", RiskEventType = "", RiskLevel, RiskState),
    (AADServicePrincipalRiskEvents
    | where TimeGenerated >= From
    | where ActivityDateTime >= From and ActivityDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = ActivityDateTime, TenantId = "", AgentId = tolower(ServicePrincipalId),
      AppId = tolower(AppId), RecordKind = "Detection", RiskEventType, RiskLevel, RiskState),
    (AADRiskyServicePrincipals
    | where TimeGenerated >= From
    | where RiskLastUpdatedDateTime >= From and RiskLastUpdatedDateTime < To
    | where isnotempty(Id)
    | project EventTime = RiskLastUpdatedDateTime, TenantId = "", AgentId = tolower(Id), AppId = tolower(AppId),
      RecordKind = "State", RiskEventType = "", RiskLevel, RiskState)
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Companions = materialize(RiskEvents(Start - 1d, End)
  | where RecordKind =~ "Detection"
  | where RiskLevel in~ ("medium", "high")
  | where RiskState in~ ("atRisk", "confirmedCompromised")
  | extend Meeting = AgentId
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms), AfterRiskLevel = RiskLevel, AfterRiskEventType = RiskEventType);
let Accompanied = Rows(Start, End)
  | extend At = bin(EventTime, 1ms)
  | extend Meeting = AgentId
  | join kind=inner Companions on Meeting
  | where CompanionTime between (At - 1d .. At - 1ms)
  | summarize arg_max(CompanionTime, AfterRiskLevel, AfterRiskEventType) by EventTime, TenantId, AgentId, AgentName, AppId, ResourceIdentity, ResourceDisplayName, IPAddress, AzureResourceId
  | extend AfterMinutes = tolong((bin(EventTime, 1ms) - CompanionTime) / 1m);
let Judged = Accompanied
  | extend ResourceIdentity = substring(ResourceIdentity, 0, 256)
  | where isnotempty(ResourceIdentity)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, AfterMinutes, AfterRiskLevel, AfterRiskEventType) by TenantId, AgentId, ResourceIdentity;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend ResourceIdentity = substring(ResourceIdentity, 0, 256)
  | where isnotempty(ResourceIdentity)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), ResourceIdentity);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, ResourceIdentity
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, ResourceIdentity
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = ResourceIdentity, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), ", which is new to it, ", AfterMinutes, " minutes after Entra found it at ", coalesce(AfterRiskLevel, "unknown"), " risk (", coalesce(AfterRiskEventType, "unknown"), ")")
| project Detection = "risk-then-new-resource", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, AfterMinutes, AfterRiskLevel, AfterRiskEventType, Hour, ResourceIdentity, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
      'LateralMovement'
    ]
    techniques: [
      'T1078'
      'T1550'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      ResourceIdentity: 'ResourceIdentity'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent at risk reaches a resource it has not used before: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_role_outside_pim 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'e55c6226-37b8-5de7-ae81-75e73baaff6d'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent holds a directory role for good, outside of Privileged Identity Management'
    description: '''
Identifies when an agent holds a directory role for good, outside of Privileged Identity Management.

Where roles are given for a time and with approval, one that is given otherwise was meant to escape both. PIM repeats it every few hours for as long as it lasts; it is reported once.

False positives:
- Tenants that give roles to agents without PIM on purpose, since agents can't activate one.

Blind spots:
- Tenants without PIM, whose log has no such records (see directory-role-assigned).'''
    severity: 'Medium'
    enabled: contains(enabled, 'role-outside-pim') ? enabled['role-outside-pim'] : true
    query: '''
// role-outside-pim 1.0.0: An agent holds a directory role for good, outside of Privileged Identity Management
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      TargetType: string, Operation: string, Result: string, RoleName: string)[]),
    (AuditLogs
    | where TimeGenerated >= From
    | where ActivityDateTime >= From and ActivityDateTime < To
    | mv-apply Target = TargetResources on (
      mv-expand Property = Target.modifiedProperties
      | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
    | mv-apply with_itemindex=Place Target = TargetResources on (
      extend Kind = tostring(Target.type)
      | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
        SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
        FirstApplication = minif(Place, Kind == "Application"),
        FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
    | mv-apply with_itemindex=Place Target = TargetResources on (
      summarize FirstRole = minif(Place, tostring(Target.type) == "Role"))
    | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
    | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
    | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
    | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
      or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
      or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
    | extend Changed = coalesce(FirstPrincipal, FirstApplication)
    | extend ChangedType = tostring(TargetResources[Changed].type)
    | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
      IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
    | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
      Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
    | where isnotempty(ChangedId)
    | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
      AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
      isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
      Either(Properties, "Application.DisplayName")),
      AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
      TargetType = case(IsNamed, "ServicePrincipal", isnotnull(Changed), ChangedType, "Application"),
      Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
      Result = tolower(Result),
      RoleName = coalesce(Either(Properties, "Role.DisplayName"), tostring(TargetResources[FirstRole].displayName)))
};
let Rows = (From: datetime, To: datetime) {
  AgentChanges(From, To)
  | where Result =~ "success"
  | where TargetType =~ "ServicePrincipal"
  | where Operation startswith "Add"
  | where Operation contains "outside of PIM" or Operation contains "(permanent)"
};
let Announcements = materialize(AgentChanges(Start - 13d, End)
  | where Result =~ "success"
  | where TargetType =~ "ServicePrincipal"
  | where Operation startswith "Add"
  | where Operation contains "outside of PIM" or Operation contains "(permanent)"
  | mv-expand Meeting = pack_array(AgentId, AppId) to typeof(string)
  | where isnotempty(Meeting)
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms), On0 = tolower(substring(RoleName, 0, 256)));
let Unannounced = Rows(Start, End)
  | extend At = bin(EventTime, 1ms), On0 = tolower(substring(RoleName, 0, 256))
  | mv-expand Meeting = pack_array(AgentId, AppId) to typeof(string)
  | where isnotempty(Meeting)
  | join kind=leftouter Announcements on TenantId, Meeting, On0
  | summarize Announced = countif(CompanionTime between (At - 13d .. At - 1ms) and isnotempty(On0)) by EventTime, TenantId, AgentId, AgentName, AppId, Operation, RoleName, On0
  | where Announced == 0;
Unannounced
| extend RoleName = substring(RoleName, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, Operation) by TenantId, AgentId, RoleName
| extend Basis = "every such event is reported"
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " holds the directory role ", coalesce(RoleName, "unknown"), " for good (", coalesce(Operation, "unknown"), ")")
| project Detection = "role-outside-pim", TenantId, AgentId, AgentName, AppId, RoleName, Operation, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'PrivilegeEscalation'
    ]
    techniques: [
      'T1098'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      RoleName: 'RoleName'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent holds a directory role for good, outside of Privileged Identity Management: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_secret_instead_of_stronger 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'cbe1aa29-09b9-57c0-ae06-9640929d869e'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent signs in with a secret that used stronger credentials before'
    description: '''
Identifies when an agent signs in with a secret that used stronger credentials before.

An agent with a certificate or federation has no use for a secret: a text that anybody can copy. It is the first thing that somebody adds who wants to use the agent from elsewhere.

False positives:
- Somebody who tries something out by hand, with a secret they must not leave behind.

Blind spots:
- Agents that use secrets anyway (see new-credential-used).
- The secret that is added and not used yet: see credential-added.'''
    severity: 'High'
    enabled: contains(enabled, 'secret-instead-of-stronger') ? enabled['secret-instead-of-stronger'] : true
    query: '''
// secret-instead-of-stronger 1.0.0: An agent signs in with a secret that used stronger credentials before
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResultType: string, IPAddress: string, ClientCredentialType: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, ClientCredentialType, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResultType, IPAddress,
      ClientCredentialType,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      ClientCredentialType, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      ClientCredentialType, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | extend ClientCredentialType = substring(ClientCredentialType, 0, 256)
  | where isnotempty(ClientCredentialType)
  | where ClientCredentialType =~ "clientSecret"
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId, ClientCredentialType;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend ClientCredentialType = substring(ClientCredentialType, 0, 256)
  | where isnotempty(ClientCredentialType)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), ClientCredentialType);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, ClientCredentialType
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, ClientCredentialType
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = ClientCredentialType, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in with a client secret from ", coalesce(IPAddress, "unknown"), ", though it has used other credentials in the 13 days before (", Basis, ")")
| project Detection = "secret-instead-of-stronger", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, ClientCredentialType, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'InitialAccess'
    ]
    techniques: [
      'T1098'
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      ClientCredentialType: 'ClientCredentialType'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent signs in with a secret that used stronger credentials before: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_sign_in_spike 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '2d121c04-c957-5644-989b-2127d595221c'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent signs in far more often than usual'
    description: '''
Identifies when an agent signs in far more often than usual.

Tokens are cached for an hour or more, so a healthy agent asks for few. A flood of requests means several holders of the credential, a tool that walks resources, or a loop gone wrong.

False positives:
- A restart loop, or a release that no longer caches tokens.
- Bursty agents after a quiet fortnight.

Blind spots:
- A slow thief, who stays below the floor.'''
    severity: 'Medium'
    enabled: contains(enabled, 'sign-in-spike') ? enabled['sign-in-spike'] : true
    query: '''
// sign-in-spike 1.0.0: Agent signs in far more often than usual
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, ResultType: string, IPAddress: string,
      AzureResourceId: string, Id: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADServicePrincipalSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, AzureResourceId = "", Id),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, Type = "AADManagedIdentitySignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(ServicePrincipalId),
      AgentName = ServicePrincipalName, AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(1), ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId), Id),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "AADNonInteractiveUserSignInLogs",
      TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress,
      AzureResourceId = "", Id),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, Type = "SigninLogs", TenantId = tolower(AADTenantId),
      AgentId = tolower(SubjectId), AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName),
      AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType,
      IPAddress, AzureResourceId = "", Id)
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | summarize Once = take_any(tolong(1)), All = sum(tolong(1)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId, Type, Id
  | summarize Observed = sum(iff(isempty(Id), All, Once)), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId) by TenantId, AgentId
  | where Observed > real(20);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Amount = tolong(1)
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, Hour);
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Usual = Hourly
  | summarize Totals = array_sort_asc(make_list(Total)), Hours = count() by TenantId, AgentId
  | extend Median = (toreal(Totals[(array_length(Totals) - 1) / 2]) + toreal(Totals[array_length(Totals) / 2])) / 2
  | mv-apply Total = Totals to typeof(real) on (summarize Deviations = array_sort_asc(make_list(abs(Total - Median))))
  | extend Mad = (toreal(Deviations[(array_length(Deviations) - 1) / 2]) + toreal(Deviations[array_length(Deviations) / 2])) / 2;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Usual on TenantId, AgentId
| extend Threshold = max_of(real(20), Median + real(8) * max_of(1.4826 * Mad, real(0.5) * Median))
| where Observed > Threshold
| extend Basis = strcat("median ", Median, ", MAD ", Mad, " over ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in ", Observed, " times within an hour; usual is ", Median, ", the limit ", Threshold, " (", Basis, ")")
| project Detection = "sign-in-spike", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
    ]
    techniques: [
      'T1078'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent signs in far more often than usual: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_tenant_wide_consent 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '9e1d8fbb-23b5-55d5-9694-2af1b4de18ce'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent was given consent on behalf of the whole tenant'
    description: '''
Identifies when an agent was given consent on behalf of the whole tenant.

Consent for all principals lets the application act as any user who signs in to it. Attackers ask an administrator for it once and keep it.

False positives:
- An administrator introduces an application for everybody, as they should rather than each user.

Blind spots:
- Consent by single users (see the audit log for Consent to application).'''
    severity: 'High'
    enabled: contains(enabled, 'tenant-wide-consent') ? enabled['tenant-wide-consent'] : true
    query: '''
// tenant-wide-consent 1.0.0: An agent was given consent on behalf of the whole tenant
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", 0, Text)) };
let Grants = (Text: string) { extract_all(@"\[(Id: [^\[\]]*)\]", Text) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    ActorName: string, Operation: string, Result: string, ConsentType: string,
    ConsentPermissions: string, OnBehalfOfAll: string)[]),
  (AuditLogs
  | where TimeGenerated >= Earliest
  | where ingestion_time() >= Start and ingestion_time() < End
  | mv-apply Target = TargetResources on (
    mv-expand Property = Target.modifiedProperties
    | summarize Properties = make_bag(bag_pack(tostring(Property.displayName), Property)))
  | mv-apply with_itemindex=Place Target = TargetResources on (
    extend Kind = tostring(Target.type)
    | summarize FirstPrincipal = minif(Place, Kind == "ServicePrincipal"),
      SecondPrincipal = minif(Place, Kind == "ServicePrincipal" and Place > 0),
      FirstApplication = minif(Place, Kind == "Application"),
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")))
  | extend GranteeId = Either(Properties, "ServicePrincipal.ObjectID")
  | extend GranteeAppId = Guid(Either(Properties, "ServicePrincipal.AppId"))
  | extend IsNamed = isnotempty(GranteeId) or isnotempty(GranteeAppId)
  | extend IsNobodys = isnotnull(Properties["DelegatedPermissionGrant.Scope"])
    or (isnotnull(Properties["AppRole.Id"]) and not(isnotnull(Properties["User.ObjectID"])) and not(isnotnull(Properties["Group.ObjectID"])))
    or ((isnotnull(Properties["Role.TemplateId"]) or isnotnull(Properties["Role.DisplayName"])) and tostring(TargetResources[FirstMember].type) != "ServicePrincipal")
  | extend Changed = coalesce(FirstPrincipal, FirstApplication)
  | extend ChangedType = tostring(TargetResources[Changed].type)
  | extend ChangedId = tolower(case(IsNamed, coalesce(GranteeId, tostring(TargetResources[SecondPrincipal].id), GranteeAppId),
    IsNobodys, "", isnotnull(Changed), tostring(TargetResources[Changed].id), Either(Properties, "Application.ObjectID")))
  | extend OwnAppId = iff(Changed == 0, coalesce(Guid(extract(@'"AppId"[^}]*', 0, tostring(AdditionalDetails))),
    Guid(Either(Properties, "TargetId.ServicePrincipalNames")), Guid(Either(Properties, "AppPrincipalId")), Guid(Either(Properties, "AppId"))), "")
  | extend Actor = iff(isnotnull(InitiatedBy.app), InitiatedBy.app, InitiatedBy.user)
  | extend Consents = Either(Properties, "ConsentAction.Permissions")
  | where isnotempty(ChangedId)
  | project EventTime = ActivityDateTime, TenantId = tolower(AADTenantId), AgentId = ChangedId,
    AgentName = case(IsNamed, coalesce(Either(Properties, "ServicePrincipal.DisplayName"), tostring(TargetResources[SecondPrincipal].displayName)),
    isnotnull(Changed), coalesce(tostring(TargetResources[Changed].displayName), Either(Properties, strcat(ChangedType, ".DisplayName"))),
    Either(Properties, "Application.DisplayName")),
    AppId = iff(IsNamed, GranteeAppId, coalesce(Guid(Either(Properties, "Application.AppId")), OwnAppId)),
    ActorName = coalesce(tostring(Actor.displayName), tostring(Actor.userPrincipalName)),
    Operation = trim(" ", replace_regex(replace_regex(coalesce(OperationName, ActivityDisplayName), "[\u2010-\u2015]", "-"), @"\s+", " ")),
    Result = tolower(Result), ConsentType = Either(Properties, "DelegatedPermissionGrant.ConsentType"),
    ConsentPermissions = iff(Consents !contains "=>", Consents,
    strcat_array(set_difference(Grants(substring(Consents, indexof(Consents, "=>"))), Grants(substring(Consents, 0, indexof(Consents, "=>")))), "; ")),
    OnBehalfOfAll = Either(Properties, "ConsentContext.OnBehalfOfAll"));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where (Operation =~ "Consent to application" and OnBehalfOfAll =~ "True") or (Operation =~ "Consent to application" and ConsentPermissions contains "AllPrincipals") or (Operation =~ "Add delegated permission grant" and ConsentType =~ "AllPrincipals");
Arrived
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h)
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " consented to ", coalesce(AgentName, AgentId), " on behalf of the whole tenant")
| project Detection = "tenant-wide-consent", TenantId, AgentId, AgentName, AppId, ActorName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT15M'
    queryPeriod: 'P1D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
      'CredentialAccess'
    ]
    techniques: [
      'T1098'
      'T1528'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent was given consent on behalf of the whole tenant: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'PT5H'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_token_used_elsewhere 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '7c039166-3829-5fdb-a031-403346d628dc'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent\'s token is used from an address that is neither where it was issued nor known'
    description: '''
Identifies when an agent's token is used from an address that is neither where it was issued nor known.

A token is as good as the credential until it expires. Calls with it from an address other than the one it was issued to, from which the agent never called before, mean that it was taken along.

False positives:
- An agent that signs in through one way out and calls Graph through another, new one.

Blind spots:
- Managed identities, whose sign-ins have no address.
- Tokens for other resources than Microsoft Graph.'''
    severity: 'High'
    enabled: contains(enabled, 'token-used-elsewhere') ? enabled['token-used-elsewhere'] : true
    query: '''
// token-used-elsewhere 1.0.0: An agent's token is used from an address that is neither where it was issued nor known
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, Operation: string, ResponseStatusCode: long, IPAddress: string,
      SignInActivityId: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | extend UriPath = replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(replace_regex(tolower(RequestUri), "[?#][\\s\\S]*$", ""), "^([\\s\\S]{1000})[\\s\\S]+$", "\\1"), "<", ""), "^https?://[^/]*", ""), "/+", "/"), "^(?:/(?:v1\\.0|beta))+(/|$)", "/"), "\\((?:'[^']*'|[^')])*\\)", "()"), "\\([^)]*\\)", "()"), "/delta\\(\\)", "/delta"), "/sites/[^/:]*:+/[^:]*(:|$)", "/sites/{id}"), ":+/[^:]*(:|$)", "/{path}"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(\\$[a-z]+|delta|microsoft\\.graph\\.[^/]*|(?:get|create|validate|evaluate)[a-z0-9]*(?:\\(\\))?|add|remove)(/|$)", "/<\\1\\2"), "/(applications|approleassignedto|approleassignments|attachments|authenticationmethodconfigurations|buckets|calendargroups|calendars|channels|charts|chats|childfolders|columns|connections|contactfolders|contacts|contenttypes|conversations|devices|domains|drives|events|extensions|federatedidentitycredentials|groups|hostedcontents|installedapps|items|lists|mailfolders|members|messagerules|messages|names|notebooks|oauth2permissiongrants|onlinemeetings|organization|pages|permissions|photos|pivottables|plans|posts|recordings|replies|roleassignments|rows|schemaextensions|sections|securescorecontrolprofiles|serviceprincipals|sites|special|tables|tabs|tasks|teams|threads|transcripts|users|versions|worksheets)(?:\\(\\)|/[^/<{][^/]*)", "/\\1/{id}"), "/[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}[^/]*", "/{id}"), "/[0-9][^/]*", "/{id}"), "/(?:[^/<{0-9]*[0-9]){4}[^/]*", "/{id}"), "/[^/<{@!=%'+,~]*[@!=%'+,~][^/]*", "/{id}"), "<", ""), "/$", "")
    | extend UriTemplate = iff(UriPath == "", "/", UriPath)
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      Operation = strcat(toupper(RequestMethod), " ", UriTemplate),
      ResponseStatusCode = tolong(ResponseStatusCode), IPAddress, SignInActivityId)
};
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AppId: string, Agentic: long,
      Workload: long, IPAddress: string, UniqueTokenIdentifier: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      IPAddress, UniqueTokenIdentifier),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), IPAddress, UniqueTokenIdentifier),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), IPAddress,
      UniqueTokenIdentifier),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AppId = tolower(AppId), Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), IPAddress,
      UniqueTokenIdentifier)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
  | where (isnotnull(ResponseStatusCode) and ResponseStatusCode < 400)
};
let Companions = materialize(SignIns(Start - 36h, End)
  | where Agentic == 1 or Workload == 1
  | extend Meeting = AgentId
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms), On0 = tolower(substring(UniqueTokenIdentifier, 0, 256)), Theirs0 = tolower(substring(IPAddress, 0, 256)), AfterIPAddress = IPAddress);
let Accompanied = Rows(Start, End)
  | extend At = bin(EventTime, 1ms), On0 = tolower(substring(SignInActivityId, 0, 256)), Own0 = tolower(substring(IPAddress, 0, 256))
  | extend Meeting = AgentId
  | join kind=inner Companions on TenantId, Meeting, On0
  | where CompanionTime between (At - 36h .. At - 1ms) and isnotempty(On0) and isnotempty(Own0) and isnotempty(Theirs0) and Own0 != Theirs0
  | summarize arg_max(CompanionTime, AfterIPAddress) by EventTime, TenantId, AgentId, AgentName, AppId, Operation, IPAddress
  | extend AfterMinutes = tolong((bin(EventTime, 1ms) - CompanionTime) / 1m);
let Judged = Accompanied
  | extend IPAddress = substring(IPAddress, 0, 256)
  | where isnotempty(IPAddress)
  | summarize arg_min(EventTime, AgentName, AppId, Operation, AfterMinutes, AfterIPAddress) by TenantId, AgentId, IPAddress;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend IPAddress = substring(IPAddress, 0, 256)
  | where isnotempty(IPAddress)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), IPAddress);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, IPAddress
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, IPAddress
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = IPAddress, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat("A token of ", coalesce(AgentName, AgentId), " that was issued to ", coalesce(AfterIPAddress, "unknown"), " was used from ", coalesce(IPAddress, "unknown"), ", which is new to it, ", AfterMinutes, " minutes later: ", coalesce(Operation, "unknown"))
| project Detection = "token-used-elsewhere", TenantId, AgentId, AgentName, AppId, IPAddress, Operation, AfterMinutes, AfterIPAddress, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'LateralMovement'
      'CredentialAccess'
    ]
    techniques: [
      'T1550'
      'T1528'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      IPAddress: 'IPAddress'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent\'s token is used from an address that is neither where it was issued nor known: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_two_countries_at_once 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'f16fad04-be5d-59cc-bceb-b5e24c2aa72e'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent signs in from two countries at once'
    description: '''
Identifies when an agent signs in from two countries at once.

An agent does not travel. One that was always in one place at a time and now is in two, within an hour, has a second user: whoever copied its credential, even from a country that it is known from.

False positives:
- A move to another region, in the hour in which both run.
- An address whose country Entra takes for another for a while.

Blind spots:
- Agents that run in several regions anyway, and managed identities, whose sign-ins have no country.
- A thief who comes when the agent rests; see new-country and agent-active-off-hours.
- Places within one country.'''
    severity: 'Medium'
    enabled: contains(enabled, 'two-countries-at-once') ? enabled['two-countries-at-once'] : true
    query: '''
// two-countries-at-once 1.0.0: An agent signs in from two countries at once
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResultType: string, IPAddress: string, Location: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResultType, IPAddress, Location, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResultType, IPAddress, Location,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResultType, IPAddress, Location,
      AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | extend Value = substring(Location, 0, 256)
  | summarize Observed = array_length(make_set_if(Value, isnotempty(Value))), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, Location) by TenantId, AgentId
  | where Observed > real(1);
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Value = substring(Location, 0, 256)
  | summarize Total = array_length(make_set_if(Value, isnotempty(Value))) by TenantId, AgentId, Hour = bin(EventTime, 1h));
let History = Hourly
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 48;
let Before = Hourly
  | summarize Most = max(Total) by TenantId, AgentId;
Judged
| join kind=inner History on TenantId, AgentId
| join kind=inner Before on TenantId, AgentId
| extend Threshold = max_of(real(1), toreal(Most))
| where Observed > Threshold and Most <= 1
| extend Basis = strcat("at most ", Most, " in an hour of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in from ", Observed, " countries within an hour, the latest ", coalesce(Location, "unknown"), "; in the 13 days before it was ", Most, " at most")
| project Detection = "two-countries-at-once", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Location, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
      'DefenseEvasion'
    ]
    techniques: [
      'T1078'
      'T1550'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent signs in from two countries at once: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_unregistered_agent_active 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '7f3efc10-7432-5fb7-8de4-093163a5b1d7'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent is active that the inventory does not list'
    description: '''
Identifies when an agent is active that the inventory does not list.

Nobody answers for an agent that nobody listed: it has no owner to ask, no policy, and no word on what it is for. It is told once, until it has been silent for a day.

False positives:
- An inventory that is behind. Add the agent, with its owner.

Blind spots:
- Workload identities that Entra does not mark as agents.
- Tenants that keep no inventory.'''
    severity: 'Medium'
    enabled: contains(enabled, 'unregistered-agent-active') ? enabled['unregistered-agent-active'] : true
    query: '''
// unregistered-agent-active 1.0.0: An agent is active that the inventory does not list
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let Inventory = _GetWatchlist("AgentInventory")
  | project AgentId = tolower(tostring(id)), Agent_id = tostring(id), Agent_app_id = tostring(app_id), Agent_name = tostring(name), Agent_owner = tostring(owner), Agent_sponsor = tostring(sponsor), Agent_tier = tostring(tier), Agent_status = tostring(status);
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResourceDisplayName: string, ResultType: string, IPAddress: string,
      AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResourceDisplayName, ResultType, IPAddress, AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0), ResourceDisplayName, ResultType,
      IPAddress, AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | lookup kind=leftouter Inventory on AgentId
  | extend Agent_listed = iff(isnotempty(Agent_id), "yes", iff(toscalar(Inventory | count) > 0, "no", ""))
  | where Agentic == 1 or isnotempty(Agent_id) or Workload == 1
  | where ResultType =~ "0"
  | where Agentic == 1
  | where Agent_listed =~ "no"
};
let Announcements = materialize(SignIns(Start - 1d, End)
  | lookup kind=leftouter Inventory on AgentId
  | extend Agent_listed = iff(isnotempty(Agent_id), "yes", iff(toscalar(Inventory | count) > 0, "no", ""))
  | where Agentic == 1 or isnotempty(Agent_id) or Workload == 1
  | where ResultType =~ "0"
  | where Agentic == 1
  | where Agent_listed =~ "no"
  | extend Meeting = AgentId
  | project TenantId, Meeting, CompanionTime = bin(EventTime, 1ms));
let Unannounced = Rows(Start, End)
  | extend At = bin(EventTime, 1ms)
  | extend Meeting = AgentId
  | join kind=leftouter Announcements on TenantId, Meeting
  | summarize Announced = countif(CompanionTime between (At - 1d .. At - 1ms)) by EventTime, TenantId, AgentId, AgentName, AppId, ResourceDisplayName, IPAddress, AzureResourceId
  | where Announced == 0;
Unannounced
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId
| extend Basis = "every such event is reported"
| extend Hour = Start, Reason = strcat("The agent ", coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), ", and the inventory does not list it")
| project Detection = "unregistered-agent-active", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Persistence'
    ]
    techniques: [
      'T1136'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent is active that the inventory does not list: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_unusual_resource 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: 'ca0180b8-60e4-56de-af18-09bb8e3409e2'
  kind: 'Scheduled'
  properties: {
    displayName: 'Agent reaches a resource it has not used before'
    description: '''
Identifies when an agent reaches a resource it has not used before.

A stolen agent credential is used where the agent never goes. Real agents keep to a few resources.

False positives:
- A release that adds a dependency. Compare with the deployment log; then add an exception.
- A resource that the agent uses less than every 13 days.

Blind spots:
- A thief who keeps to the agent's usual resources (see rare-resource-volume, data-volume-spike).'''
    severity: 'Medium'
    enabled: contains(enabled, 'unusual-resource') ? enabled['unusual-resource'] : true
    query: '''
// unusual-resource 1.0.0: Agent reaches a resource it has not used before
let EvaluationTime = now();
let Delay = 30m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let TypeIn = (Agent: string, Name: string) { coalesce(tostring(parse_json(Agent)[Name]), "notAgentic") };
let IsAgent = (Agent: string) { TypeIn(Agent, "agentType") !~ "notAgentic" or TypeIn(Agent, "agentSubjectType") !~ "notAgentic" };
let IsAgentUser = (Agent: string) { TypeIn(Agent, "agentType") =~ "agentIDuser" or TypeIn(Agent, "agentSubjectType") =~ "agentIDuser" };
let SignIns = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
      Agentic: long, Workload: long, ResourceIdentity: string, ResourceDisplayName: string,
      ResultType: string, IPAddress: string, AzureResourceId: string)[]),
    (AADServicePrincipalSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))),
      Workload = tolong(tolower(AppOwnerTenantId) !in ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")),
      ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = ""),
    (AADManagedIdentitySignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | where isnotempty(ServicePrincipalId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId),
      AgentId = tolower(ServicePrincipalId), AgentName = ServicePrincipalName, AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(1),
      ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = tostring(parse_json(ManagedServiceIdentity).associatedResourceId)),
    (AADNonInteractiveUserSignInLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = ""),
    (SigninLogs
    | where TimeGenerated >= From
    | where CreatedDateTime >= From and CreatedDateTime < To
    | extend IsOnBehalf = IsAgent(tostring(Agent)) and not(IsAgentUser(tostring(Agent)))
    | extend SubjectId = iff(IsOnBehalf, coalesce(ServicePrincipalId, AppId), UserId)
    | where isnotempty(SubjectId)
    | project EventTime = CreatedDateTime, TenantId = tolower(AADTenantId), AgentId = tolower(SubjectId),
      AgentName = iff(IsOnBehalf, AppDisplayName, UserDisplayName), AppId = tolower(AppId),
      Agentic = tolong(IsAgent(tostring(Agent))), Workload = tolong(0),
      ResourceIdentity = tolower(ResourceIdentity), ResourceDisplayName, ResultType, IPAddress,
      AzureResourceId = "")
};
let Rows = (From: datetime, To: datetime) {
  SignIns(From, To)
  | where Agentic == 1 or Workload == 1
  | where ResultType =~ "0"
};
let Judged = Rows(Start, End)
  | extend ResourceIdentity = substring(ResourceIdentity, 0, 256)
  | where isnotempty(ResourceIdentity)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName) by TenantId, AgentId, ResourceIdentity;
let Hourly = materialize(Rows(WindowStart, Start)
  | extend ResourceIdentity = substring(ResourceIdentity, 0, 256)
  | where isnotempty(ResourceIdentity)
  | join kind=leftsemi Judged on TenantId, AgentId
  | summarize by TenantId, AgentId, Hour = bin(EventTime, 1h), ResourceIdentity);
let History = Hourly
  | distinct TenantId, AgentId, Hour
  | summarize FirstHour = min(Hour), ActiveHours = count() by TenantId, AgentId
  | where Start - FirstHour >= 7d and ActiveHours >= 8;
let Values = Hourly
  | distinct TenantId, AgentId, ResourceIdentity
  | summarize Known = count() by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, ResourceIdentity
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = ResourceIdentity, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), ", which it has not used in the 13 days before (", Basis, ")")
| project Detection = "unusual-resource", TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, ResourceIdentity, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'InitialAccess'
      'LateralMovement'
    ]
    techniques: [
      'T1078'
      'T1550'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
      {
        entityType: 'AzureResource'
        fieldMappings: [
          {
            identifier: 'ResourceId'
            columnName: 'AzureResourceId'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      ResourceIdentity: 'ResourceIdentity'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Agent reaches a resource it has not used before: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}

resource rule_volume_drift 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '6c3238e9-18b1-5711-82b8-1f2263a86fd3'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent pulls more and more data through Microsoft Graph'
    description: '''
Identifies when an agent pulls more and more data through Microsoft Graph.

Who knows of limits by the hour takes a little more each day, and the limits follow. The last three days against the week before show what no single hour does.

False positives:
- An agent with more to do, such as a growing team, a migration, or the end of a quarter.

Blind spots:
- Agents that work on fewer than three days in a row.
- Growth by less than five times within ten days.
- Answers that are streamed are logged with a size of 0.'''
    severity: 'Low'
    enabled: contains(enabled, 'volume-drift') ? enabled['volume-drift'] : true
    query: '''
// volume-drift 1.0.0: An agent pulls more and more data through Microsoft Graph
let EvaluationTime = now();
let Delay = 120m;
let End = bin(EvaluationTime - Delay, 1h);
let Start = End - 1h;
let WindowStart = Start - 13d;
let GraphCalls = (From: datetime, To: datetime) {
  union isfuzzy=true
    (datatable(EventTime: datetime, Type: string, TenantId: string, AgentId: string, AgentName: string,
      AppId: string, Agentic: long, Workload: long, ResponseSizeBytes: long, IPAddress: string, Id: string)[]),
    (MicrosoftGraphActivityLogs
    | where TimeGenerated >= From and TimeGenerated < To
    | where isnotempty(ServicePrincipalId) or isnotempty(UserId)
    | project EventTime = TimeGenerated, Type = "MicrosoftGraphActivityLogs", TenantId = tolower(AadTenantId),
      AgentId = tolower(coalesce(ServicePrincipalId, UserId)), AgentName = "", AppId = tolower(AppId),
      Agentic = tolong(0), Workload = tolong(isnotempty(ServicePrincipalId)),
      ResponseSizeBytes = tolong(ResponseSizeBytes), IPAddress, Id = RequestId)
};
let Rows = (From: datetime, To: datetime) {
  GraphCalls(From, To)
  | where Agentic == 1 or Workload == 1
};
let Today = startofday(Start);
let Judged = Rows(Start, End)
  | summarize arg_min(EventTime, AgentName, AppId, IPAddress) by TenantId, AgentId;
let Hourly = materialize(Rows(WindowStart, Start)
  | join kind=leftsemi Judged on TenantId, AgentId
  | extend Amount = coalesce(ResponseSizeBytes, tolong(0))
  | summarize Once = take_any(Amount), All = sum(Amount) by TenantId, AgentId, Hour = bin(EventTime, 1h), Type, Id
  | summarize Total = sum(iff(isempty(Id), All, Once)) by TenantId, AgentId, Hour);
let Daily = Hourly
  | summarize Total = sum(Total) by TenantId, AgentId, Day = startofday(Hour);
let Drift = (Till: datetime) {
  Daily
  | where Day >= Till - 10d and Day < Till
  | summarize Recent = array_sort_asc(make_list_if(Total, Day >= Till - 3d)),
    Before = array_sort_asc(make_list_if(Total, Day < Till - 3d)) by TenantId, AgentId
  | where array_length(Recent) >= 3 and array_length(Before) >= 5
  | extend Observed = (toreal(Recent[(array_length(Recent) - 1) / 2]) + toreal(Recent[array_length(Recent) / 2])) / 2, Median = (toreal(Before[(array_length(Before) - 1) / 2]) + toreal(Before[array_length(Before) / 2])) / 2
  | extend Threshold = max_of(real(50000000), real(5) * Median)
  | where Observed > Threshold
};
Judged
| join kind=leftanti (Daily | where Day == Today) on TenantId, AgentId
| join kind=leftanti (Drift(Today - 1d)) on TenantId, AgentId
| join kind=inner (Drift(Today)) on TenantId, AgentId
| extend Basis = strcat("median ", Median, " a day of the 7 days before the last 3")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " received ", strcat(round(Observed / 1000000.0, 1), " MB"), " a day from Microsoft Graph over the last three days; in the week before it was ", strcat(round(Median / 1000000.0, 1), " MB"))
| project Detection = "volume-drift", TenantId, AgentId, AgentName, AppId, IPAddress, Hour, Observed, Basis, Reason'''
    queryFrequency: 'PT1H'
    queryPeriod: 'P14D'
    triggerOperator: 'GreaterThan'
    triggerThreshold: 0
    suppressionDuration: 'PT1H'
    suppressionEnabled: false
    tactics: [
      'Exfiltration'
    ]
    techniques: [
      'T1030'
      'T1567'
    ]
    entityMappings: [
      {
        entityType: 'Account'
        fieldMappings: [
          {
            identifier: 'AadUserId'
            columnName: 'AgentId'
          }
        ]
      }
      {
        entityType: 'CloudApplication'
        fieldMappings: [
          {
            identifier: 'AppId'
            columnName: 'AppId'
          }
        ]
      }
      {
        entityType: 'IP'
        fieldMappings: [
          {
            identifier: 'Address'
            columnName: 'IPAddress'
          }
        ]
      }
    ]
    customDetails: {
      Detection: 'Detection'
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AgentName: 'AgentName'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent pulls more and more data through Microsoft Graph: {{AgentName}}'
      alertDescriptionFormat: '{{Reason}}'
    }
    eventGroupingSettings: {
      aggregationKind: 'AlertPerResult'
    }
    incidentConfiguration: {
      createIncident: true
      groupingConfiguration: {
        enabled: true
        reopenClosedIncident: false
        lookbackDuration: 'P1D'
        matchingMethod: 'Selected'
        groupByEntities: [
          'Account'
        ]
        groupByAlertDetails: []
        groupByCustomDetails: []
      }
    }
  }
}
