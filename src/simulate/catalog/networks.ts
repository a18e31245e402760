import type { Random } from '../random.js'

export interface Place {
  readonly city: string
  readonly state: string
  readonly country: string
  readonly latitude: number
  readonly longitude: number
}

/** A provider's presence in one place: the addresses it hands out there come from the benchmarking block. */
export interface Network {
  readonly asn: number
  readonly place: Place
  /** Index of its /22 within 198.18.0.0/15 (RFC 2544), so that no two networks share an address. */
  readonly block: number
}

export interface Address {
  readonly ip: string
  readonly network: Network
}

const place = (city: string, state: string, country: string, latitude: number, longitude: number): Place => ({
  city,
  state,
  country,
  latitude,
  longitude,
})

const places = {
  amsterdam: place('Amsterdam', 'Noord-Holland', 'NL', 52.37403106689453, 4.889689922332764),
  dublin: place('Dublin', 'Dublin', 'IE', 53.34399032592773, -6.267189979553223),
  gavle: place('Gavle', 'Gavleborgs Lan', 'SE', 60.674880981445312, 17.141349792480469),
  stockholm: place('Stockholm', 'Stockholms Lan', 'SE', 59.332778930664062, 18.064483642578125),
  frankfurt: place('Frankfurt am Main', 'Hessen', 'DE', 50.110881805419922, 8.681995391845703),
  munich: place('Muenchen', 'Bayern', 'DE', 48.137428283691406, 11.575490951538086),
  london: place('London', 'Greater London', 'GB', 51.508419036865234, -0.12553000450134277),
  boydton: place('Boydton', 'Virginia', 'US', 36.66764831542969, -78.38750457763672),
  chicago: place('Chicago', 'Illinois', 'US', 41.850028991699219, -87.650047302246094),
  pune: place('Pune', 'Maharashtra', 'IN', 18.520359039306641, 73.854751586914062),
  lagos: place('Lagos', 'Lagos', 'NG', 6.4540700912475586, 3.3946700096130371),
  hanoi: place('Ha Noi', 'Ha Noi', 'VN', 21.024499893188477, 105.84116363525391),
  saoPaulo: place('Sao Paulo', 'Sao Paulo', 'BR', -23.547500610351562, -46.6361083984375),
  chisinau: place('Chisinau', 'Chisinau', 'MD', 47.005558013916016, 28.857500076293945),
  jakarta: place('Jakarta', 'Jakarta', 'ID', -6.2146201133728027, 106.84513092041016),
} as const

let blocks = 0
const network = (asn: number, at: Place): Network => ({ asn, place: at, block: blocks++ })

/** Clouds by provider: the first is where most traffic leaves, the others are its further ASNs and regions. */
export const clouds: readonly (readonly Network[])[] = [
  [network(8075, places.amsterdam), network(8075, places.dublin), network(8068, places.amsterdam)],
  [network(8075, places.gavle), network(8075, places.frankfurt), network(8069, places.gavle)],
  [network(8075, places.boydton), network(8068, places.boydton), network(8075, places.chicago)],
  [network(16509, places.frankfurt), network(14618, places.boydton), network(16509, places.dublin)],
  [network(396982, places.amsterdam), network(15169, places.frankfurt), network(396982, places.london)],
]

/** Offices and the homes of people. */
export const accessNetworks: readonly Network[] = [
  network(3301, places.stockholm),
  network(3320, places.munich),
  network(1136, places.amsterdam),
  network(2856, places.london),
  network(7922, places.chicago),
  network(24560, places.pune),
]

/** Where no agent works: the start of a stolen credential's second life. */
export const foreignNetworks: readonly Network[] = [
  network(37282, places.lagos),
  network(45899, places.hanoi),
  network(28573, places.saoPaulo),
  network(200019, places.chisinau),
  network(17451, places.jakarta),
]

/** Rented machines in the same country as their victim. */
const hostingBlock = blocks
const hostingAsns = [16276, 24940, 14061, 9009, 20473] as const

export function hostingNetwork(at: Place, random: Random): Network {
  const choice = random.integer(0, hostingAsns.length - 1)
  return { asn: hostingAsns[choice]!, place: at, block: hostingBlock + choice }
}

/** An address of the network; now and then IPv6, where providers hand it out. */
export function addressIn(of: Network, random: Random): Address {
  if (random.chance(0.06)) {
    const tail = random.digits(16).replace(/(.{4})(?=.)/g, '$1:')
    return { ip: `2001:db8:${of.block.toString(16)}:${random.integer(1, 99)}:${tail}`, network: of }
  }
  const offset = of.block * 1024 + random.integer(1, 1022)
  return { ip: `198.${18 + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}`, network: of }
}
