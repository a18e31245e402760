import { describe, expect, it } from 'vitest'
import type { ProblemsError } from '../../src/config/yaml.js'
import { detection } from '../support/detections.js'

const AFTER = { view: 'AgentChanges', within: '7d', on: { KeyId: 'CredentialId' } }
const pair = (said: object) => ({ kind: 'pair', view: 'SignIns', ...said })

function problems(said: object): string[] {
  try {
    detection(said as never)
    return []
  } catch (error) {
    return (error as ProblemsError).problems.map(({ message }) => message)
  }
}

describe('another row before a detection’s own', () => {
  it('is read with its time in hours, its columns in pairs, and what the sentence shows of it', () => {
    const { after } = detection(
      pair({ after: AFTER, alert: '{after.ActorName}, {after.minutes} minutes' }) as never,
    )
    expect(after).toMatchObject({
      view: { name: 'AgentChanges' },
      within: 168,
      on: [{ theirs: 'KeyId', own: 'CredentialId' }],
      differs: [],
      shown: ['ActorName'],
    })
  })

  it.each([
    ['no companion', {}, 'pair needs after or unless: the row that comes before, or that does not'],
    [
      'a kind that measures hours',
      { kind: 'quiet_return', unless: AFTER },
      'quiet_return measures hours, not rows: it takes no unless',
    ],
    [
      'an unknown view',
      { after: { ...AFTER, view: 'Changes' } },
      'unknown view Changes; known are SignIns, GraphCalls, AgentChanges, DirectoryActions, PolicyChanges, RiskEvents, AzureChanges, AgentAlerts',
    ],
    ['no time', { after: { view: 'AgentChanges' } }, 'within is missing'],
    ['too long a time', { after: { ...AFTER, within: '14d' } }, 'within: must be from 1h to 13d'],
    [
      'a column of the wrong side',
      { after: { ...AFTER, on: { CredentialId: 'KeyId' } } },
      'SignIns has no column KeyId',
    ],
    ['no column', { after: { ...AFTER, differs: { Key: 'IPAddress' } } }, 'AgentChanges has no column Key'],
    [
      'a condition on a column that is not there',
      { after: { ...AFTER, where: { ResultType: '0' } } },
      'there is no column ResultType',
    ],
    ['an unknown key', { after: { ...AFTER, before: '1d' } }, 'unknown key before'],
    [
      'a sentence about a companion that must be missing',
      { unless: AFTER, alert: '{after.ActorName}' },
      'there is nothing called after.ActorName to put into the alert',
    ],
    [
      'a sentence about what no companion has',
      { after: AFTER, alert: '{after.ResultType}' },
      'there is nothing called after.ResultType to put into the alert',
    ],
  ])('must be right: %s', (_, said, message) => {
    expect(problems(pair(said))).toContain(message)
  })
})
