import { TACTICS as PACK_TACTICS } from '../../detections/attack.js'
import { at, type Check, type Issue } from './check.js'
import { asList, type RuleSource } from './source.js'

/** Tactics that a rule may name: also an older one and those of industrial control systems. */
const TACTICS: readonly string[] = [
  ...PACK_TACTICS,
  'PreAttack',
  'ImpairProcessControl',
  'InhibitResponseFunction',
]

/**
 * Techniques by tactic as the rule repository's validation has them, which is not quite ATT&CK: T1098 is no
 * PrivilegeEscalation there. Those for enterprises and clouds; of a technique that isn't here nothing is said.
 */
const TECHNIQUES: Readonly<Record<string, string>> = {
  InitialAccess: 'T1078 T1091 T1133 T1189 T1190 T1195 T1199 T1200 T1566',
  Execution: 'T1047 T1053 T1059 T1072 T1106 T1129 T1203 T1204 T1559 T1569',
  Persistence:
    'T1037 T1053 T1078 T1098 T1133 T1136 T1137 T1176 T1197 T1205 T1505 T1525 T1542 T1543 T1546 T1547 T1554 T1556 T1574',
  PrivilegeEscalation: 'T1037 T1053 T1055 T1068 T1078 T1134 T1484 T1543 T1546 T1547 T1548 T1574 T1611',
  DefenseEvasion:
    'T1006 T1014 T1027 T1036 T1055 T1070 T1078 T1112 T1127 T1134 T1140 T1197 T1202 T1205 T1207 T1211 T1216 T1218 T1220 T1221 T1222 T1480 T1484 T1497 T1535 T1542 T1548 T1550 T1553 T1556 T1562 T1564 T1574 T1578 T1599 T1600 T1601 T1610 T1612',
  CredentialAccess:
    'T1003 T1040 T1056 T1110 T1111 T1187 T1212 T1528 T1539 T1552 T1555 T1556 T1557 T1558 T1606 T1613 T1614 T1621',
  Discovery:
    'T1007 T1010 T1012 T1016 T1018 T1033 T1040 T1046 T1049 T1057 T1069 T1082 T1083 T1087 T1120 T1124 T1135 T1201 T1217 T1482 T1497 T1518 T1526 T1538 T1580',
  LateralMovement: 'T1021 T1072 T1080 T1091 T1210 T1534 T1550 T1563 T1570',
  Collection:
    'T1005 T1025 T1039 T1056 T1074 T1113 T1114 T1115 T1119 T1123 T1125 T1185 T1213 T1530 T1557 T1560 T1602 T1609 T1610',
  Exfiltration: 'T1011 T1020 T1029 T1030 T1041 T1048 T1052 T1537 T1567',
  CommandAndControl:
    'T1001 T1008 T1071 T1090 T1092 T1095 T1102 T1104 T1105 T1132 T1205 T1219 T1568 T1571 T1572 T1573',
  Impact: 'T1485 T1486 T1489 T1490 T1491 T1495 T1496 T1498 T1499 T1529 T1531 T1561 T1565',
}

const tacticsOf = new Map<string, string[]>()
for (const [tactic, techniques] of Object.entries(TECHNIQUES)) {
  for (const technique of techniques.split(' ')) {
    tacticsOf.set(technique, [...(tacticsOf.get(technique) ?? []), tactic])
  }
}

const SHAPE = /^T\d{4}(\.\d{3})?$/

/** The texts of a list, each with its place in it. */
function entries(rule: RuleSource, key: string): [number, string][] {
  return [...asList(rule.get(key)).entries()].filter(
    (one): one is [number, string] => typeof one[1] === 'string',
  )
}

function* orphans(rule: RuleSource): Iterable<Issue> {
  const tactics = new Set(asList(rule.get('tactics')))
  for (const [index, technique] of entries(rule, 'relevantTechniques')) {
    const known = tacticsOf.get(technique.replace(/\..*/, ''))
    if (!SHAPE.test(technique) || known?.some((tactic) => tactics.has(tactic))) continue
    const message = known
      ? `${technique} belongs to ${known.join(', ')}, of which the rule names none`
      : `${technique} is in none of the tactics that the rule repository knows`
    yield { path: [...rule.path('relevantTechniques'), index], message }
  }
}

/** Fields and kinds that only preview versions of the API have. */
function* previewOnly(rule: RuleSource): Iterable<Issue> {
  if (rule.apiVersion === undefined || rule.apiVersion.endsWith('-preview')) return
  const where = `version ${rule.apiVersion} of the API`
  for (const key of ['subTechniques', 'sentinelEntitiesMappings']) {
    if (rule.has(key)) yield { path: rule.path(key), message: `${key} does not exist in ${where}` }
  }
  yield* at(rule, 'kind', rule.get('kind') === 'NRT' && `rules of kind NRT do not exist in ${where}`)
}

/** Tactics and techniques of MITRE ATT&CK. */
export const attack: readonly Check[] = [
  {
    code: 'unknown-tactic',
    level: 'error',
    advice: 'write the tactic in one word, as in LateralMovement',
    find: (rule) =>
      entries(rule, 'tactics')
        .filter(([, tactic]) => !TACTICS.includes(tactic))
        .map(([index, tactic]) => ({
          path: [...rule.path('tactics'), index],
          message: `${tactic} is no tactic`,
        })),
  },
  {
    code: 'bad-technique',
    level: 'error',
    advice: 'write the technique like T1078 or T1078.004',
    find: (rule) =>
      entries(rule, 'relevantTechniques')
        .filter(([, id]) => !SHAPE.test(id))
        .map(([index, id]) => ({
          path: [...rule.path('relevantTechniques'), index],
          message: `${id} is no id of a technique`,
        })),
  },
  {
    code: 'technique-without-tactic',
    level: 'warning',
    advice: 'name a tactic of the technique too',
    find: orphans,
  },
  {
    code: 'sub-technique-in-template',
    level: 'error',
    advice: 'name the technique without what follows the dot, or use subTechniques and a preview version',
    find: (rule) =>
      rule.dialect !== 'arm'
        ? []
        : entries(rule, 'relevantTechniques')
            .filter(([, id]) => id.includes('.'))
            .map(([index, id]) => ({
              path: [...rule.path('relevantTechniques'), index],
              message: `a template's techniques can't be sub-techniques like ${id}`,
            })),
  },
  {
    code: 'preview-only',
    level: 'error',
    advice: 'use 2025-10-01-preview, or do without',
    find: previewOnly,
  },
]
