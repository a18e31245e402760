import { describe, expect, it } from 'vitest'
import { casesFile, runCases } from '../../src/detections/cases/run.js'
import { detectionFiles, loadDetections, PACK } from '../../src/detections/load.js'

const detections = await loadDetections()
const results = (await Promise.all(detections.map((one) => runCases(one)))).flat()

describe('the pack', () => {
  it('loads every detection file', async () => {
    expect(detections.map(({ file }) => file).sort()).toEqual(await detectionFiles(PACK))
  })

  it.each(detections.map((one) => [one.id, one] as const))(
    '%s fires on some of its events and stays quiet on others',
    (_, detection) => {
      const own = results.filter((result) => result.detection === detection.id)
      expect(casesFile(detection)).toMatch(new RegExp(`/${detection.id}\\.test\\.yaml$`))
      expect(own.filter(({ fires }) => fires).length).toBeGreaterThanOrEqual(1)
      expect(own.filter(({ fires }) => !fires).length).toBeGreaterThanOrEqual(2)
    },
  )

  it.each(detections.map(({ id }) => id))('%s names each of its cases differently', (id) => {
    const names = results.filter(({ detection }) => detection === id).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(results.map((one) => [`${one.detection}: ${one.name}`, one] as const))('%s', (_, { failures }) => {
    expect(failures).toEqual([])
  })
})

describe('a case of the pack that fires', () => {
  const alerts = results.flatMap((result) => result.alerts)

  it('fills every place in the sentence of its alert', () => {
    expect(
      alerts.map(({ reason }) => reason).filter((reason) => /\bunknown\b|undefined|NaN/.test(reason)),
    ).toEqual([])
  })
})
