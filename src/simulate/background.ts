import { type Address, addressIn, clouds } from './catalog/networks.js'
import { commonResources, graph, type Resource } from './catalog/resources.js'
import { resourcePrincipal, type Stage, signInId } from './emit.js'
import { Random } from './random.js'
import {
  graphCall,
  nonInteractiveUserSignIn,
  servicePrincipalSignIn,
  tokenIdentifier,
  type UserSignInFields,
  userSignIn,
} from './records/index.js'
import { HOUR, isWeekend } from './time.js'
import type { Employee } from './world.js'

const microsoftTenant = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'
const defenderForEndpoint: Resource = {
  appId: 'fc780465-2017-40d4-a0c5-307022471b92',
  name: 'WindowsDefenderATP',
}

const peopleApps = [
  { appId: '1fec8e78-bce4-4aaf-ab1b-5451cc387264', name: 'Microsoft Teams' },
  { appId: 'd3590ed6-52b3-4102-aeff-aad2292ab01c', name: 'Microsoft Office' },
  { appId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' },
  { appId: '27922004-5251-4030-b22d-91ecd9a37ea4', name: 'Outlook Mobile' },
] as const

/** Microsoft's own services that appear among the tenant's service principals, with tokens an hour. */
const firstParty = [
  { appId: '766d89a4-d6a6-444d-8a5e-e1a18622288a', name: 'MDATPNetworkScanAgent', hourly: 4 },
  { appId: '00000006-0000-0ff1-ce00-000000000000', name: 'Microsoft Office 365 Portal', hourly: 0.6 },
  {
    appId: '66244124-575c-4284-92bc-fdd00e669cea',
    name: 'Microsoft Policy Insights Provider Data Plane',
    hourly: 1,
  },
  { appId: '262044b1-e2ce-469f-a196-69ab7ada62d3', name: 'Backup Management Service', hourly: 0.4 },
] as const

const hourlyInteractive = 0.22
const hourlyNonInteractive = 1.3

/** How busy people are at an hour of the day (UTC), as a share of their usual hour. */
function bustle(from: number): number {
  const hour = new Date(from).getUTCHours()
  const working = hour >= 6 && hour < 16 ? 1 : hour < 20 ? 0.25 : 0.06
  return isWeekend(from) ? working * 0.12 : working
}

/** One hour of people who sign in, and of the apps that refresh their tokens. */
export function people(stage: Stage, from: number): void {
  const { seed, people: all, holidays } = stage.world
  const share = bustle(from) * (holidays.has(from - (from % (24 * HOUR))) ? 0.1 : 1)
  all.forEach((person, index) => {
    const random = new Random(seed, 'person', index, from)
    for (let i = random.poisson(hourlyInteractive * share); i > 0; i--)
      interactive(stage, person, from, random)
    for (let i = random.poisson(hourlyNonInteractive * share); i > 0; i--)
      refresh(stage, person, from, random)
  })
}

function personFields(stage: Stage, person: Employee, from: number, random: Random): UserSignInFields {
  const app = random.pick(peopleApps)
  const resource = random.chance(0.5) ? graph : random.pick(commonResources)
  return {
    id: signInId(random),
    correlationId: random.guid(),
    time: Math.floor(from + random.next() * HOUR),
    tenantId: stage.world.tenantId,
    appId: app.appId,
    appName: app.name,
    appOwnerTenantId: microsoftTenant,
    resourceAppId: resource.appId,
    resourceName: resource.name,
    resourceServicePrincipalId: resourcePrincipal(stage.world, resource),
    address: person.address,
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0.0.0 Edg/141.0.0.0',
    userId: person.id,
    userName: person.name,
    upn: person.upn,
    sessionId: random.guid(),
    errorCode: random.chance(0.04) ? 50126 : 0,
  }
}

/** A sign-in at a screen; when a second factor is asked for, an interim row with the same id comes first. */
function interactive(stage: Stage, person: Employee, from: number, random: Random): void {
  const fields = personFields(stage, person, from, random)
  if (random.chance(0.05)) {
    const interim = { ...fields, errorCode: 50074 }
    stage.delivery.send('SignInLogs', fields.time!, random, (written) => userSignIn({ ...interim, written }))
  }
  stage.delivery.send('SignInLogs', fields.time!, random, (written) => userSignIn({ ...fields, written }))
}

function refresh(stage: Stage, person: Employee, from: number, random: Random): void {
  const fields = personFields(stage, person, from, random)
  const category = 'NonInteractiveUserSignInLogs'
  stage.delivery.send(category, fields.time!, random, (written) =>
    nonInteractiveUserSignIn({ ...fields, written }),
  )
  if (fields.errorCode === 0 && random.chance(0.25)) personCall(stage, person, fields, random)
}

/** People's apps call Graph too, with user tokens. */
function personCall(stage: Stage, person: Employee, fields: UserSignInFields, random: Random): void {
  const time = fields.time! + random.integer(500, 40_000)
  const requestId = random.guid()
  const bytes = Math.floor(random.logNormal(3000, 1.2))
  stage.delivery.send('MicrosoftGraphActivityLogs', time, random, () =>
    graphCall({
      time,
      tenantId: stage.world.tenantId,
      requestId,
      appId: fields.appId!,
      userId: person.id,
      uri: 'https://graph.microsoft.com/v1.0/me/photos/48x48/$value',
      status: bytes % 3 === 0 ? 404 : 200,
      bytes,
      ip: person.address.ip,
      signInActivityId: tokenIdentifier(fields.id!),
      tokenIssued: fields.time!,
      permissions: 'email openid profile User.Read',
      clientAuthMethod: '0',
      sessionId: fields.sessionId!,
    }),
  )
}

/** One hour of Microsoft's own service principals. */
export function microsoftServices(stage: Stage, from: number): void {
  const { seed, tenantId } = stage.world
  firstParty.forEach((app, index) => {
    const own = new Random(seed, 'first party', index)
    const [servicePrincipalId, address] = [own.guid(), addressIn(clouds[0]![0]!, own)]
    const random = new Random(seed, 'first party', index, from)
    for (let i = random.poisson(app.hourly); i > 0; i--) {
      serviceSignIn(stage, { ...app, tenantId, servicePrincipalId, address }, from, random)
    }
  })
}

interface Service {
  readonly appId: string
  readonly name: string
  readonly tenantId: string
  readonly servicePrincipalId: string
  readonly address: Address
}

function serviceSignIn(stage: Stage, service: Service, from: number, random: Random): void {
  const time = Math.floor(from + random.next() * HOUR)
  const resource = random.chance(0.5) ? defenderForEndpoint : graph
  const id = signInId(random)
  stage.delivery.send('ServicePrincipalSignInLogs', time, random, (written) =>
    servicePrincipalSignIn({
      id,
      correlationId: id,
      time,
      written,
      tenantId: service.tenantId,
      appId: service.appId,
      appName: service.name,
      appOwnerTenantId: microsoftTenant,
      servicePrincipalId: service.servicePrincipalId,
      address: service.address,
      keyId: '',
      credentialType: 'certificate',
      resourceAppId: resource.appId,
      resourceName: resource.name,
      resourceServicePrincipalId: resourcePrincipal(stage.world, resource),
    }),
  )
}
