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
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, HourOfDay, DayClass, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
      MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, CredentialKind, CredentialId, ChangedName, Hour, ChangedId, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, TargetName, Operation, Hour, TargetId, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
      MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, ChangedName, Operation, TargetName, Hour, ChangedId, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
      MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, Operation, TargetName, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, RiskDetail, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
      MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
| project TenantId, AgentId, AgentName, AppId, ActorName, CredentialKind, CredentialId, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
        FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
        MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
  | summarize LastHour = max(Hour) by TenantId, AgentId, Location, AutonomousSystemNumber
  | summarize Known = count(), Oldest = min(LastHour) by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Location, AutonomousSystemNumber
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = strcat_delim(" ", Location, AutonomousSystemNumber), Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in from ", coalesce(IPAddress, "unknown"), " in ", coalesce(Location, "unknown"), " (", coalesce(AutonomousSystemNumber, "unknown"), "), a place that is new to it, with credential ", coalesce(CredentialId, "unknown"), ", which ", coalesce(AfterActorName, "unknown"), " added ", AfterMinutes, " minutes earlier")
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Location, AutonomousSystemNumber, CredentialId, AfterMinutes, AfterActorName, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, Hour, RiskEventType, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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

resource rule_directory_role_assigned 'Microsoft.SecurityInsights/alertRules@2025-09-01' = {
  scope: law
  name: '62f25421-c4eb-54ca-a20f-cb5186069d09'
  kind: 'Scheduled'
  properties: {
    displayName: 'An agent was assigned a directory role'
    description: '''
Identifies when an agent was assigned a directory role.

Agents rarely need a directory role: application permissions are narrower. A role on an agent is a standing way to administer the tenant.

False positives:
- An approved automation that administers the tenant. Check whether a custom role would do.

Blind spots:
- Roles that come with membership of a group.'''
    severity: 'High'
    enabled: contains(enabled, 'directory-role-assigned') ? enabled['directory-role-assigned'] : true
    query: '''
// directory-role-assigned 1.0.0: An agent was assigned a directory role
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
let AgentChanges = union isfuzzy=true
  (datatable(EventTime: datetime, TenantId: string, AgentId: string, AgentName: string, AppId: string,
    TargetType: string, ActorName: string, Operation: string, Result: string, RoleName: string)[]),
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
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
      MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
    Result = tolower(Result), RoleName = Either(Properties, "Role.DisplayName"));
let Arrived = AgentChanges
  | where Result =~ "success"
  | where TargetType =~ "ServicePrincipal"
  | where Operation contains "member to role"
  | where Operation startswith "Add";
Arrived
| extend RoleName = substring(RoleName, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName) by TenantId, AgentId, Hour = bin(EventTime, 1h), RoleName
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " assigned the directory role ", coalesce(RoleName, "unknown"), " to ", coalesce(AgentName, AgentId))
| project TenantId, AgentId, AgentName, AppId, ActorName, RoleName, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
      AppId: 'AppId'
      Hour: 'Hour'
      Observed: 'Observed'
      RoleName: 'RoleName'
    }
    alertDetailsOverride: {
      alertDisplayNameFormat: 'An agent was assigned a directory role: {{AgentName}}'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResultType, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
      MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
| project TenantId, AgentId, AgentName, AppId, ActorName, CredentialId, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, Operation, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
// high-privilege-app-role-granted 1.0.0: An agent was granted a high-privilege application permission
let EvaluationTime = now();
let End = bin(EvaluationTime, 15m);
let Start = End - 15m;
let Earliest = End - 1d;
let Unquote = (Text: string) { iff(Text startswith "\"", tostring(parse_json(Text)), iff(Text in ("[]", "null"), "", Text)) };
let Before = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].oldValue)) };
let After = (Properties: dynamic, Name: string) { Unquote(tostring(Properties[Name].newValue)) };
let Either = (Properties: dynamic, Name: string) { coalesce(After(Properties, Name), Before(Properties, Name)) };
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
      MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
  | where PermissionName in~ ("RoleManagement.ReadWrite.Directory", "AppRoleAssignment.ReadWrite.All", "Application.ReadWrite.All", "Directory.ReadWrite.All", "PrivilegedAccess.ReadWrite.AzureAD", "PrivilegedAccess.ReadWrite.AzureADGroup", "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup", "RoleAssignmentSchedule.ReadWrite.Directory", "RoleEligibilitySchedule.ReadWrite.Directory", "RoleManagementPolicy.ReadWrite.Directory", "Group.ReadWrite.All", "GroupMember.ReadWrite.All", "User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All", "Policy.ReadWrite.ConditionalAccess", "Policy.ReadWrite.AuthenticationMethod", "Policy.ReadWrite.PermissionGrant", "Domain.ReadWrite.All", "Organization.ReadWrite.All", "Mail.Read", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.ReadWrite", "full_access_as_app", "Exchange.ManageAsApp", "Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All", "Sites.FullControl.All", "Chat.Read.All", "ChannelMessage.Read.All", "DeviceManagementConfiguration.ReadWrite.All", "DeviceManagementManagedDevices.PrivilegedOperations.All");
Arrived
| extend PermissionName = substring(PermissionName, 0, 256)
| summarize Observed = count(), arg_min(EventTime, AgentName, AppId, ActorName, TargetName) by TenantId, AgentId, Hour = bin(EventTime, 1h), PermissionName
| extend Basis = "every such event is reported"
| extend Reason = strcat(coalesce(ActorName, "unknown"), " granted ", coalesce(AgentName, AgentId), " the application permission ", coalesce(PermissionName, "unknown"), " on ", coalesce(TargetName, "unknown"))
| project TenantId, AgentId, AgentName, AppId, ActorName, PermissionName, TargetName, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
  | summarize LastHour = max(Hour) by TenantId, AgentId, Location
  | summarize Known = count(), Oldest = min(LastHour) by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, Location
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = Location, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in from ", coalesce(Location, "unknown"), " (", coalesce(IPAddress, "unknown"), "), a country it has not come from in the 13 days before (", Basis, ")")
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Location, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
        FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
        MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
  | summarize Announced = countif(CompanionTime between (At - 13d .. At - 1ms) and isnotempty(On0)) by EventTime, TenantId, AgentId, AgentName, AppId, IPAddress, CredentialId, AzureResourceId
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
  | summarize LastHour = max(Hour) by TenantId, AgentId, CredentialId
  | summarize Known = count(), Oldest = min(LastHour) by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, CredentialId
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = CredentialId, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in with credential ", coalesce(CredentialId, "unknown"), ", which it has not used in the 13 days before (", Basis, "), from ", coalesce(IPAddress, "unknown"))
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, CredentialId, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, Operation, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
  | summarize LastHour = max(Hour) by TenantId, AgentId, AutonomousSystemNumber
  | summarize Known = count(), Oldest = min(LastHour) by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, AutonomousSystemNumber
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = AutonomousSystemNumber, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in from network AS", coalesce(AutonomousSystemNumber, "unknown"), " (", coalesce(IPAddress, "unknown"), ", ", coalesce(Location, "unknown"), "), which it has not come from in the 13 days before (", Basis, ")")
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, AutonomousSystemNumber, Location, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
      MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
| project TenantId, AgentId, AgentName, AppId, ActorName, TargetName, Hour, TargetId, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, GraphResource, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResultType, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, RiskLevel, RiskEventType, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
let Guid = (Text: string) { tolower(extract(@"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", 0, Text)) };
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
      FirstMember = minif(Place, Kind in ("ServicePrincipal", "User", "Group")),
      MarkedIds = make_set_if(tolower(tostring(Target.id)), tostring(Target.agentType) !in~ ("", "notAgentic")))
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
| project TenantId, AgentId, AgentName, AppId, ActorName, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
  | summarize LastHour = max(Hour) by TenantId, AgentId, IPAddress
  | summarize Known = count(), Oldest = min(LastHour) by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, IPAddress
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = IPAddress, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat("A token of ", coalesce(AgentName, AgentId), " that was issued to ", coalesce(AfterIPAddress, "unknown"), " was used from ", coalesce(IPAddress, "unknown"), ", which is new to it, ", AfterMinutes, " minutes later: ", coalesce(Operation, "unknown"))
| project TenantId, AgentId, AgentName, AppId, IPAddress, Operation, AfterMinutes, AfterIPAddress, Hour, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
  | summarize LastHour = max(Hour) by TenantId, AgentId, ResourceIdentity
  | summarize Known = count(), Oldest = min(LastHour) by TenantId, AgentId;
Judged
| join kind=leftanti Hourly on TenantId, AgentId, ResourceIdentity
| join kind=inner History on TenantId, AgentId
| join kind=inner Values on TenantId, AgentId
| extend Observed = ResourceIdentity, Hours = ActiveHours
| extend Basis = strcat(Known, " known values in ", Hours, " active hours of the 13 days before")
| extend Hour = Start, Reason = strcat(coalesce(AgentName, AgentId), " signed in to ", coalesce(ResourceDisplayName, "unknown"), ", which it has not used in the 13 days before (", Basis, ")")
| project TenantId, AgentId, AgentName, AppId, IPAddress, AzureResourceId, ResourceDisplayName, Hour, ResourceIdentity, Observed, Basis, Reason'''
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
      TenantId: 'TenantId'
      AgentId: 'AgentId'
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
