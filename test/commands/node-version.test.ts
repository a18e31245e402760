import { describe, expect, it } from 'vitest'
import { weaknessOf } from '../../src/commands/node-version.js'

describe('a version of Node.js whose hash tables can be flooded', () => {
  it.each(['18.20.8', '20.19.0', '20.20.1', '21.7.3', '22.22.1', '23.11.0', '24.14.0', '25.8.1'])(
    'is %s',
    (version) => {
      expect(weaknessOf(version)).toContain(`Node.js ${version} can be stalled`)
    },
  )

  it.each(['20.20.2', '22.22.2', '22.23.0', '24.14.1', '24.15.0', '25.8.2', '26.0.0'])(
    'is not %s',
    (version) => {
      expect(weaknessOf(version)).toBeUndefined()
    },
  )

  it('is told together with what to use', () => {
    expect(weaknessOf('20.19.0')).toContain('use 20.20.2 or later of this line, or 24.14.1')
    expect(weaknessOf('18.20.8')).toContain('use 24.14.1 or later')
  })
})
