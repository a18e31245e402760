/** Tactics as Microsoft Sentinel spells them. */
export const TACTICS = [
  'Reconnaissance',
  'ResourceDevelopment',
  'InitialAccess',
  'Execution',
  'Persistence',
  'PrivilegeEscalation',
  'DefenseEvasion',
  'CredentialAccess',
  'Discovery',
  'LateralMovement',
  'Collection',
  'CommandAndControl',
  'Exfiltration',
  'Impact',
] as const

export type Tactic = (typeof TACTICS)[number]

export function isTactic(name: string): name is Tactic {
  return (TACTICS as readonly string[]).includes(name)
}

/**
 * Techniques of MITRE ATT&CK that a detection may name, with their tactics and their known sub-techniques.
 * Those that concern identities and cloud services; add a line where one is missing.
 */
const TECHNIQUES: readonly (readonly [id: string, tactics: readonly Tactic[], subs: readonly string[]])[] = [
  ['T1021', ['LateralMovement'], ['007']],
  ['T1030', ['Exfiltration'], []],
  ['T1041', ['Exfiltration'], []],
  ['T1048', ['Exfiltration'], ['001', '002', '003']],
  ['T1069', ['Discovery'], ['003']],
  [
    'T1078',
    ['InitialAccess', 'Persistence', 'PrivilegeEscalation', 'DefenseEvasion'],
    ['001', '002', '003', '004'],
  ],
  ['T1087', ['Discovery'], ['002', '003', '004']],
  ['T1090', ['CommandAndControl'], ['001', '002', '003', '004']],
  ['T1098', ['Persistence', 'PrivilegeEscalation'], ['001', '002', '003', '004', '005', '006', '007']],
  ['T1110', ['CredentialAccess'], ['001', '002', '003', '004']],
  ['T1114', ['Collection'], ['001', '002', '003']],
  ['T1119', ['Collection'], []],
  ['T1136', ['Persistence'], ['003']],
  ['T1199', ['InitialAccess'], []],
  ['T1213', ['Collection'], ['001', '002', '003', '005']],
  ['T1484', ['DefenseEvasion', 'PrivilegeEscalation'], ['001', '002']],
  ['T1489', ['Impact'], []],
  ['T1526', ['Discovery'], []],
  ['T1528', ['CredentialAccess'], []],
  ['T1530', ['Collection'], []],
  ['T1531', ['Impact'], []],
  ['T1537', ['Exfiltration'], []],
  ['T1538', ['Discovery'], []],
  ['T1550', ['DefenseEvasion', 'LateralMovement'], ['001', '004']],
  ['T1552', ['CredentialAccess'], ['001', '005', '007']],
  ['T1555', ['CredentialAccess'], ['006']],
  ['T1556', ['CredentialAccess', 'DefenseEvasion', 'Persistence'], ['006', '007', '009']],
  ['T1562', ['DefenseEvasion'], ['007', '008']],
  ['T1567', ['Exfiltration'], ['001', '002', '004']],
  ['T1580', ['Discovery'], []],
  ['T1606', ['CredentialAccess'], ['001', '002']],
]

const known = new Map(TECHNIQUES.map(([id, tactics, subs]) => [id, { tactics, subs }]))

/** What is wrong with naming a technique under a tactic; `undefined` if nothing is. */
export function attackProblem(tactic: string, technique: string): string | undefined {
  const match = /^(T\d{4})(?:\.(\d{3}))?$/.exec(technique)
  if (!match) return `${technique} is no technique id: they read like T1078 or T1078.004`
  const [, parent = '', sub] = match
  const entry = known.get(parent)
  if (!entry || (sub !== undefined && !entry.subs.includes(sub)))
    return `${technique} is not a known technique`
  if (entry.tactics.some((one) => one === tactic)) return undefined
  return `${technique} belongs to ${entry.tactics.join(', ')}, not to ${tactic}`
}
