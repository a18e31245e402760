import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/config/load.js'
import { loadContent } from '../../src/daemon/assemble.js'
import { packagePath } from '../../src/package-root.js'
import { inTempFolder } from '../support/cli.js'
import { lastOf, readDockerfile } from '../support/dockerfile.js'

inTempFolder()

const read = (name: string) => readFileSync(packagePath('deploy', name), 'utf8')

const stages = readDockerfile(read('Dockerfile'))
const image = stages.at(-1)!
const compose = parse(read('compose.yaml'))
const manifests = parseAllDocuments(read('kubernetes.yaml')).map((document) => {
  expect(document.errors).toEqual([])
  return document.toJS()
})
const ofKind = (kind: string) => manifests.find((one) => one.kind === kind)
const pod = ofKind('StatefulSet').spec.template.spec
const container = pod.containers[0]

/** Path of the configuration, and what the image writes to. */
const CONFIG = lastOf(image, 'CMD')[2]!
const [VOLUME] = lastOf(image, 'VOLUME')
const [PORT] = lastOf(image, 'EXPOSE')
const [USER] = lastOf(image, 'USER')

describe('the example of a configuration', () => {
  it('is right, and names every group of settings', async () => {
    const config = await loadConfig(packagePath('deploy', 'agentwarden.example.yaml'))
    expect(config.sinks.map(({ kind }) => kind.kind)).toEqual([
      'stdout',
      'file',
      'webhook',
      'log-analytics',
      'entra-response',
    ])
    const schema = JSON.parse(readFileSync(packagePath('docs', 'agentwarden.schema.json'), 'utf8'))
    const groups = Object.keys(schema.properties).filter((name) => !name.startsWith('$'))
    const said = parse(read('agentwarden.example.yaml'))
    expect(groups.filter((name) => !(name in said))).toEqual(['detections', 'overrides', 'exceptions'])
  })

  it('names detections that there are: no daemon starts with others', async () => {
    const config = await loadConfig(packagePath('deploy', 'agentwarden.example.yaml'))
    const inventory = packagePath('samples', 'agents.yaml')
    await loadContent({ ...config, inventory })
    const sinks = config.sinks.map((sink) => ({
      ...sink,
      ...(sink.name === 'entra-response' && {
        settings: { ...sink.settings, rules: [{ detections: ['unusual-resource', 'unusual-resourse'] }] },
      }),
    }))
    await expect(loadContent({ ...config, inventory, sinks })).rejects.toThrow(
      'sink entra-response: there is no detection unusual-resourse',
    )
  })

  it('writes the defaults where it says so', async () => {
    const example = await loadConfig(packagePath('deploy', 'agentwarden.example.yaml'))
    writeFileSync('least.yaml', 'sources: [{ kind: files, paths: [a] }]\nsinks: [{ kind: stdout }]\n')
    const least = await loadConfig('least.yaml')
    const { categories, ...silence } = example.silence
    expect({ ...silence, categories: {} }).toEqual(least.silence)
    for (const group of ['state', 'limits', 'server', 'log', 'bounds', 'grace'] as const)
      expect(example[group]).toEqual(least[group])
  })
})

describe('the image', () => {
  it('runs as an ordinary user, with only the packages that are needed and none of their scripts', () => {
    expect(Number(USER!.split(':')[0])).toBeGreaterThan(1_000)
    const runs = stages.flatMap(({ instructions }) => instructions.filter(({ name }) => name === 'RUN'))
    const installs = runs.filter(({ text }) => text.startsWith('npm ci'))
    expect(installs).toHaveLength(2)
    for (const { text } of installs) expect(text).toContain('--ignore-scripts')
    expect(image.instructions.find(({ text }) => text.includes('node_modules'))!.text).toContain(
      `--from=${stages.find(({ instructions }) => instructions.some(({ text }) => text.includes('--omit=dev')))!.name}`,
    )
  })

  it('is made of files that .dockerignore lets through', () => {
    const let_through = readFileSync(packagePath('.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    const copied = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
      .flatMap(({ text }) => text.split(' ').slice(0, -1))
    expect([...new Set(copied)].sort()).toEqual(let_through.sort())
  })
})

describe('compose.yaml', () => {
  const { agentwarden } = compose.services

  it('agrees with the image', () => {
    expect(agentwarden.build).toEqual({ context: '..', dockerfile: 'deploy/Dockerfile' })
    expect(agentwarden.ports).toEqual([`127.0.0.1:${PORT}:${PORT}`])
    expect(agentwarden.volumes).toEqual([`state:${VOLUME}`, `./agentwarden.compose.yaml:${CONFIG}:ro`])
    expect([agentwarden.read_only, agentwarden.cap_drop]).toEqual([true, ['ALL']])
  })

  it('has a configuration that is right', async () => {
    const config = await loadConfig(packagePath('deploy', 'agentwarden.compose.yaml'))
    expect(config.state.directory.startsWith(`${VOLUME}/`)).toBe(true)
    expect([config.server.host, config.server.port]).toEqual(['0.0.0.0', Number(PORT)])
    const settings = config.sources[0]!.settings as { brokers: string[]; topics: string[] }
    expect(settings.brokers).toEqual([
      compose.services.kafka.environment.KAFKA_ADVERTISED_LISTENERS.replace('PLAINTEXT://', ''),
    ])
    expect(compose.services.samples.command[0]).toContain(`--topic ${settings.topics[0]} --partitions`)
    expect(Number.parseInt(agentwarden.stop_grace_period, 10) * 1000).toBeGreaterThan(config.grace)
  })
})

describe('kubernetes.yaml', () => {
  it('agrees with the image', () => {
    const [user, group] = USER!.split(':').map(Number)
    expect(pod.securityContext).toMatchObject({ runAsUser: user, runAsGroup: group, fsGroup: group })
    expect(container.ports).toEqual([{ name: 'metrics', containerPort: Number(PORT) }])
    const mounts = container.volumeMounts.map((one: { mountPath: string }) => one.mountPath)
    expect(mounts).toEqual([VOLUME, CONFIG.slice(0, CONFIG.lastIndexOf('/'))])
    expect(ofKind('Service').spec.ports).toEqual([{ name: 'metrics', port: Number(PORT) }])
  })

  it('is restricted, as the pod security standards call it', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(pod.automountServiceAccountToken).toBe(false)
  })

  it('has one pod, which has time to stop, and probes of pages that there are', async () => {
    writeFileSync('agentwarden.yaml', ofKind('ConfigMap').data['agentwarden.yaml'])
    const config = await loadConfig('agentwarden.yaml')
    expect(ofKind('StatefulSet').spec.replicas).toBe(1)
    expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(config.grace)
    expect(config.state.directory.startsWith(`${VOLUME}/`)).toBe(true)
    expect([config.server.host, config.server.port]).toEqual(['0.0.0.0', Number(PORT)])
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe]
    expect(probes.map(({ httpGet }) => httpGet)).toEqual([
      { path: '/healthz', port: 'metrics' },
      { path: '/healthz', port: 'metrics' },
      { path: '/readyz', port: 'metrics' },
    ])
  })

  it('leaves the heap a quarter less than the memory', () => {
    const [{ value }] = container.env
    expect(value).toBe(
      `--max-old-space-size=${(Number.parseInt(container.resources.limits.memory, 10) * 1024 * 3) / 4}`,
    )
  })
})
