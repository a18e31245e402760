import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type KafkaRuntime, kafkaRuntime } from './kafka/jars.js'
import { type Security, secureProperties } from './kafka/security.js'
import { TcpProxy } from './tcp-proxy.js'

export { kafkaMissing } from './kafka/jars.js'

const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qk'
const START_LIMIT = 60_000

/** A small heap and the quick compiler: it starts in three seconds. */
const JAVA_OPTIONS = [
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
]

export interface BrokerOptions {
  /** Lines of `server.properties` that differ from the usual. */
  readonly properties?: Readonly<Record<string, string>>
  /** Opens a further port, with TLS and SASL: see `security`. */
  readonly secure?: boolean
  /** Opens a further port behind a network that can fail: see `network` and `networkAddress`. */
  readonly network?: boolean
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => promisify(server.close.bind(server))()))
  return ports
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function propertiesOf(folder: string, port: number, controller: number): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': path.join(folder, 'data'),
    'log.retention.ms': '-1',
    'auto.create.topics.enable': 'false',
    'message.max.bytes': '2000000',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    // A broker that was killed comes back only when the controller has missed the old one for so long.
    'broker.session.timeout.ms': '1000',
    'broker.heartbeat.interval.ms': '200',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '500',
  }
}

/** A port that clients are told to reach by way of another one. */
function addListener(properties: Record<string, string>, port: number, advertised: number): void {
  properties.listeners += `,NETWORK://127.0.0.1:${port}`
  properties['advertised.listeners'] += `,NETWORK://127.0.0.1:${advertised}`
  properties['listener.security.protocol.map'] += ',NETWORK:PLAINTEXT'
}

/** One real Apache Kafka broker (KRaft, its own controller) on free ports of this machine, in a temporary folder. */
export class KafkaBroker {
  /** Where clients without TLS connect. */
  readonly address: string
  /** Where clients with TLS and SASL connect, and what they need. */
  readonly security: Security | undefined
  /** The network that can fail, and where clients reach the broker through it. */
  readonly network: TcpProxy | undefined
  readonly networkAddress: string
  readonly #folder: string
  readonly #port: number
  readonly #runtime: KafkaRuntime
  #process: ChildProcess | undefined
  #log = ''

  private constructor(
    place: { readonly folder: string; readonly port: number; readonly runtime: KafkaRuntime },
    security: Security | undefined,
    network: TcpProxy | undefined,
  ) {
    this.#folder = place.folder
    this.#port = place.port
    this.#runtime = place.runtime
    this.address = `127.0.0.1:${place.port}`
    this.security = security
    this.network = network
    this.networkAddress = `127.0.0.1:${network?.port}`
  }

  /** Resolves when it takes connections, after about four seconds. */
  static async start(options: BrokerOptions = {}): Promise<KafkaBroker> {
    const runtime = await kafkaRuntime()
    const folder = await mkdtemp(path.join(tmpdir(), 'agentwarden-kafka-'))
    const [port, controller, secured, proxied] = (await freePorts(4)) as [number, number, number, number]
    const properties = propertiesOf(folder, port, controller)
    const security = options.secure ? await secureProperties(folder, secured, properties) : undefined
    const network = options.network ? await TcpProxy.start(() => proxied) : undefined
    if (network) addListener(properties, proxied, network.port)
    const lines = Object.entries({ ...properties, ...options.properties }).map((entry) => entry.join('='))
    await writeFile(path.join(folder, 'server.properties'), `${lines.join('\n')}\n`)
    const broker = new KafkaBroker({ folder, port, runtime }, security, network)
    await broker.#format()
    await broker.restart()
    return broker
  }

  get #configuration(): string {
    return path.join(this.#folder, 'server.properties')
  }

  async #format(): Promise<void> {
    const command = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', this.#configuration]
    const { java, classpath } = this.#runtime
    await promisify(execFile)(java, [...JAVA_OPTIONS, '-cp', classpath, ...command])
  }

  /** Starts it again on the same data and the same port. */
  async restart(): Promise<void> {
    const { java, classpath } = this.#runtime
    const args = [...JAVA_OPTIONS, '-cp', classpath, 'kafka.Kafka', this.#configuration]
    const started = spawn(java, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    started.stderr.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-20_000)
    })
    this.#process = started
    // No broker outlives a test run that is broken off.
    process.once('exit', () => started.kill('SIGKILL'))
    const limit = Date.now() + START_LIMIT
    while (!(await accepts(this.#port))) {
      if (started.exitCode !== null || Date.now() > limit) throw new Error(`no broker:\n${this.#log}`)
      await pause(50)
    }
  }

  /** Ends it in order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Ends it as a power cut would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ended = this.#process
    this.#process = undefined
    if (!ended || ended.exitCode !== null || ended.signalCode !== null) return
    const exit = once(ended, 'exit')
    ended.kill(signal)
    await exit
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.kill()
    await this.network?.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
