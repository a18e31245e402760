import { Buffer } from 'node:buffer'
import { AssignerProtocol, type GroupMember, type PartitionAssigner } from 'kafkajs'

/** What a member tells of itself when it joins. */
export interface Claim {
  /** Whether it has the partitions and its membership has not lapsed, as far as it knows. */
  readonly holds: boolean
  /** When it started, in milliseconds since 1970. */
  readonly started: number
}

interface Member extends Claim {
  readonly id: string
  readonly topics: readonly string[]
}

const NO_CLAIM: Claim = { holds: false, started: Number.MAX_SAFE_INTEGER }

function claimOf(userData: Buffer): Claim {
  try {
    const { holds, started } = JSON.parse(userData.toString('utf8')) as Partial<Claim>
    return { holds: holds === true, started: Number(started) || NO_CLAIM.started }
  } catch {
    return NO_CLAIM
  }
}

function memberOf({ memberId, memberMetadata }: GroupMember): Member {
  const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata)
  if (!metadata) return { id: memberId, topics: [], ...NO_CLAIM }
  return { id: memberId, topics: metadata.topics, ...claimOf(metadata.userData) }
}

const precedence = (a: Member, b: Member) =>
  Number(b.holds) - Number(a.holds) || a.started - b.started || (a.id < b.id ? -1 : 1)

/**
 * Gives all partitions of a topic to one member: to the one that has them, otherwise to the oldest. The others stand
 * by. State is one process's own, so partitions stay where they are for as long as that process lives.
 */
export function oneForAll(claim: () => Claim): PartitionAssigner {
  const protocol = { name: 'agentwarden-one-for-all', version: 0 }
  return ({ cluster }) => ({
    ...protocol,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(claim()))
      const metadata = AssignerProtocol.MemberMetadata.encode({ version: protocol.version, topics, userData })
      return { name: protocol.name, metadata }
    },
    async assign({ members, topics }) {
      const ranked = members.map(memberOf).sort(precedence)
      const owner = (topic: string) => ranked.find((member) => member.topics.includes(topic))?.id
      const partitions = (topic: string) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
      return ranked.map(({ id }) => {
        const own = topics.filter((topic) => owner(topic) === id)
        const assignment = Object.fromEntries(own.map((topic) => [topic, partitions(topic)]))
        const { version } = protocol
        const userData = Buffer.alloc(0)
        return {
          memberId: id,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({ version, assignment, userData }),
        }
      })
    },
  })
}
