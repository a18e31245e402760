import type { Random } from '../random.js'

const given = [
  'Alva',
  'Bashir',
  'Chiara',
  'Dmitri',
  'Elif',
  'Farah',
  'Göran',
  'Hana',
  'Ines',
  'Jonas',
  'Kavya',
  'Liam',
  'Maja',
  'Noor',
  'Oskar',
  'Priya',
  'Quentin',
  'Rosa',
  'Sanne',
  'Tomás',
  'Uma',
  'Viktor',
  'Wanjiru',
  'Yusuf',
  'Zoë',
]
const family = [
  'Adebayo',
  'Bergström',
  'Castillo',
  'Dekker',
  'Eriksen',
  'Fontaine',
  'Groß',
  'Holm',
  'Ivanova',
  'Jansen',
  'Kapoor',
  'Lindqvist',
  'Moreau',
  'Novak',
  'Okafor',
  'Petrov',
  'Rossi',
  'Schreiber',
  'Tanaka',
  'Vermeer',
]
const subjects = [
  'invoice',
  'ticket',
  'contract',
  'payroll',
  'inventory',
  'onboarding',
  'backup',
  'mailroom',
  'compliance',
  'procurement',
  'knowledge',
  'calendar',
  'license',
  'telemetry',
  'catalog',
  'expense',
  'warehouse',
  'meeting',
]
const roles = [
  'triage',
  'copilot',
  'sync',
  'summariser',
  'classifier',
  'reporter',
  'watcher',
  'assistant',
  'agent',
  'reconciler',
  'indexer',
]
const stages = ['prod', 'prod', 'prod', 'weu', 'neu', 'test', '01', '02']

export function personName(random: Random): string {
  return `${random.pick(given)} ${random.pick(family)}`
}

/** `Zoë Groß` becomes `zoe.gross`, as directories do it. */
export function mailName(name: string): string {
  const plain = name
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
  return plain.toLowerCase().replaceAll(' ', '.')
}

export function agentName(random: Random): string {
  return `${random.pick(subjects)}-${random.pick(roles)}-${random.pick(stages)}`
}
