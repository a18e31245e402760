import type { Path } from '../../config/yaml.js'
import { at, type Check, type Issue } from './check.js'
import { asList, asRecord, type RuleSource, textOf } from './source.js'

const MOST_MAPPINGS = 10
const MOST_FIELDS = 3

/** What identifies an entity of a type: all identifiers, and those of which one at least must be there. */
const ENTITIES: Readonly<Record<string, readonly [all: string, oneOf: string]>> = {
  Account: [
    'Name FullName NTDomain DnsDomain UPNSuffix Sid AadTenantId AadUserId PUID IsDomainJoined DisplayName ObjectGuid',
    'FullName Sid Name AadUserId PUID ObjectGuid',
  ],
  AzureResource: ['ResourceId', 'ResourceId'],
  CloudApplication: ['AppId Name InstanceName', 'AppId Name'],
  DNS: ['DomainName', 'DomainName'],
  File: ['Directory Name', 'Name'],
  FileHash: ['Algorithm Value', 'Algorithm'],
  Host: [
    'DnsDomain NTDomain HostName FullName NetBiosName AzureID OMSAgentID OSFamily OSVersion IsDomainJoined',
    'FullName HostName NetBiosName AzureID OMSAgentID',
  ],
  IoTDevice: [
    'DeviceId DeviceName Manufacturer Model FirmwareVersion OperatingSystem MacAddress Protocols SerialNumber Source IoTSecurityAgentId DeviceType',
    'DeviceId',
  ],
  IP: ['Address', 'Address'],
  Mailbox: [
    'MailboxPrimaryAddress DisplayName Upn ExternalDirectoryObjectId RiskLevel',
    'MailboxPrimaryAddress',
  ],
  MailCluster: [
    'NetworkMessageIds CountByDeliveryStatus CountByThreatType CountByProtectionStatus Threats Query QueryTime MailCount IsVolumeAnomaly Source ClusterSourceIdentifier ClusterSourceType ClusterQueryStartTime ClusterQueryEndTime ClusterGroup',
    'Query Source',
  ],
  MailMessage: [
    'Recipient Urls Threats Sender P1Sender P1SenderDisplayName P1SenderDomain SenderIP P2Sender P2SenderDisplayName P2SenderDomain ReceivedDate NetworkMessageId InternetMessageId Subject BodyFingerprintBin1 BodyFingerprintBin2 BodyFingerprintBin3 BodyFingerprintBin4 BodyFingerprintBin5 AntispamDirection DeliveryAction DeliveryLocation Language ThreatDetectionMethods',
    'NetworkMessageId Recipient',
  ],
  Malware: ['Name Category', 'Name'],
  Process: ['ProcessId CommandLine ElevationToken CreationTimeUtc', 'CommandLine ProcessId'],
  RegistryKey: ['Hive Key', 'Hive Key'],
  RegistryValue: ['Name Value ValueType', 'Name'],
  SecurityGroup: ['DistinguishedName SID ObjectGuid', 'DistinguishedName SID ObjectGuid'],
  SubmissionMail: [
    'NetworkMessageId Timestamp Recipient Sender SenderIp Subject ReportType SubmissionId SubmissionDate Submitter',
    'SubmissionId NetworkMessageId Recipient Submitter',
  ],
  URL: ['Url', 'Url'],
}

/** Columns that once made entities by their name, and the entity that has to be mapped instead. */
const OLD_COLUMNS: Readonly<Record<string, string>> = {
  AccountCustomEntity: 'Account',
  HostCustomEntity: 'Host',
  IPCustomEntity: 'IP',
  URLCustomEntity: 'URL',
  FileHashCustomEntity: 'FileHash',
}

interface Field {
  readonly path: Path
  readonly identifier: unknown
  readonly columnName: unknown
}

interface Mapping {
  readonly path: Path
  readonly type: string
  readonly fields: readonly Field[]
}

/** The entities that a rule maps, as far as they can be read. */
export function mappingsOf(rule: RuleSource): Mapping[] {
  return asList(rule.get('entityMappings')).map((one, index) => {
    const path = [...rule.path('entityMappings'), index]
    const { entityType, fieldMappings } = asRecord(one)
    const fields = asList(fieldMappings).map((field, at) => {
      const { identifier, columnName } = asRecord(field)
      return { path: [...path, 'fieldMappings', at], identifier, columnName }
    })
    return { path, type: String(entityType), fields }
  })
}

/** Sentinel's own documents write the type URL both ways. */
function entityOf(type: string): readonly [all: string[], oneOf: string[]] | undefined {
  const entity = ENTITIES[type === 'Url' ? 'URL' : type]
  return entity && [entity[0].split(' '), entity[1].split(' ')]
}

function* identifierProblems({ fields, type }: Mapping): Iterable<Issue> {
  const [all] = entityOf(type) ?? []
  for (const { identifier, path } of fields) {
    if (!all || typeof identifier !== 'string' || all.includes(identifier)) continue
    yield {
      path: [...path, 'identifier'],
      message: `${type} has no identifier ${identifier}; it has ${all.join(', ')}`,
    }
  }
}

function weakProblem({ fields, type, path }: Mapping): Issue[] {
  const [, oneOf] = entityOf(type) ?? []
  if (!oneOf || fields.some(({ identifier }) => oneOf.includes(String(identifier)))) return []
  return [{ path, message: `${type} needs one of ${oneOf.join(', ')}` }]
}

function* oldColumns(rule: RuleSource): Iterable<Issue> {
  const query = textOf(rule, 'query') ?? ''
  const mapped = new Set(mappingsOf(rule).map(({ type }) => type))
  for (const [column, type] of Object.entries(OLD_COLUMNS)) {
    const offset = query.search(new RegExp(`\\b${column}\\b`))
    if (offset < 0 || mapped.has(type) || rule.dialect === 'kql') continue
    yield { path: rule.path('query'), offset, message: `${column} makes no entity any more` }
  }
}

/** Which entities an alert is about. */
export const entities: readonly Check[] = [
  {
    code: 'entity-count',
    level: 'error',
    advice: `map ${MOST_MAPPINGS} entities at most`,
    find: (rule) => {
      const { length } = asList(rule.get('entityMappings'))
      return at(rule, 'entityMappings', length > MOST_MAPPINGS && `${length} entities are mapped`)
    },
  },
  {
    code: 'entity-fields',
    level: 'error',
    advice: `give each entity 1 to ${MOST_FIELDS} identifiers`,
    find: (rule) =>
      mappingsOf(rule)
        .filter(({ fields }) => fields.length < 1 || fields.length > MOST_FIELDS)
        .map(({ path, type, fields }) => ({ path, message: `${type} has ${fields.length} identifiers` })),
  },
  {
    code: 'unknown-entity',
    level: 'error',
    advice: `map one of ${Object.keys(ENTITIES).join(', ')}`,
    find: (rule) =>
      mappingsOf(rule)
        .filter(({ type }) => !entityOf(type))
        .map(({ path, type }) => ({ path: [...path, 'entityType'], message: `there is no entity ${type}` })),
  },
  {
    code: 'unknown-identifier',
    level: 'error',
    advice: 'use an identifier of the entity; case counts',
    find: (rule) => mappingsOf(rule).flatMap((mapping) => [...identifierProblems(mapping)]),
  },
  {
    code: 'weak-entity',
    level: 'error',
    advice: 'map an identifier that tells the entity from others',
    find: (rule) => mappingsOf(rule).flatMap(weakProblem),
  },
  {
    code: 'old-entity-column',
    level: 'error',
    advice: 'map the entity in entityMappings',
    find: oldColumns,
  },
]
