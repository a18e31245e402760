import { AssignerProtocol, type Cluster, type GroupMember } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { oneForAll } from '../../src/sources/kafka/assigner.js'

const partitions = new Map([
  ['sign-ins', [0, 1, 2]],
  ['audit', [0]],
])

/** All that an assigner asks a cluster for. */
const cluster = {
  findTopicPartitionMetadata: (topic: string) =>
    partitions.get(topic)!.map((partitionId) => ({ partitionId })),
} as unknown as Cluster

interface Candidate {
  readonly id: string
  readonly started: number
  readonly holds?: boolean
  readonly topics?: readonly string[]
}

const assignerOf = (claim: { holds: boolean; started: number }) =>
  oneForAll(() => claim)({ cluster, groupId: 'agentwarden', logger: undefined as never })

function member({ id, started, holds = false, topics = ['sign-ins', 'audit'] }: Candidate): GroupMember {
  const { metadata } = assignerOf({ started, holds }).protocol({ topics: [...topics] })
  return { memberId: id, memberMetadata: metadata }
}

async function assigned(members: readonly GroupMember[]): Promise<Record<string, unknown>> {
  const assigner = assignerOf({ started: 0, holds: false })
  const all = await assigner.assign({ members: [...members], topics: ['sign-ins', 'audit'] })
  return Object.fromEntries(
    all.map(({ memberId, memberAssignment }) => [
      memberId,
      AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment,
    ]),
  )
}

const everything = { 'sign-ins': [0, 1, 2], audit: [0] }

describe('the assignment of partitions', () => {
  it.each<{ case: string; members: Candidate[] }>([
    { case: 'the only member', members: [{ id: 'a', started: 5 }] },
    {
      case: 'the oldest',
      members: [
        { id: 'b', started: 6 },
        { id: 'a', started: 5 },
      ],
    },
    {
      case: 'the one that has them, though it is younger',
      members: [
        { id: 'a', started: 6, holds: true },
        { id: 'b', started: 5 },
      ],
    },
    {
      case: 'the older of two that think they have them',
      members: [
        { id: 'b', started: 6, holds: true },
        { id: 'a', started: 5, holds: true },
      ],
    },
    {
      case: 'the first by name of two that are equally old',
      members: [
        { id: 'b', started: 5 },
        { id: 'a', started: 5 },
      ],
    },
  ])('gives all to $case', async ({ members }) => {
    const others = members.filter(({ id }) => id !== 'a').map(({ id }) => [id, {}])
    expect(await assigned(members.map(member))).toEqual({ a: everything, ...Object.fromEntries(others) })
  })

  it('gives a topic only to who reads it', async () => {
    const members = [member({ id: 'a', started: 5, topics: ['audit'] }), member({ id: 'b', started: 6 })]
    expect(await assigned(members)).toEqual({ a: { audit: [0] }, b: { 'sign-ins': [0, 1, 2] } })
  })

  it('takes a member that says something else for the youngest', async () => {
    const metadata = { version: 0, topics: ['sign-ins', 'audit'], userData: Buffer.from('{"started":') }
    const strange = { memberId: 'a', memberMetadata: AssignerProtocol.MemberMetadata.encode(metadata) }
    expect(await assigned([strange, member({ id: 'b', started: 5 })])).toEqual({ a: {}, b: everything })
  })
})
