// Would what is in ops/ start the engine that is in src/? What can be known of it without Docker and without a machine to install on.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { EXIT } from '../../src/cli/context.ts';
import { parseConfig } from '../../src/config/load.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

interface Service {
  readonly restart: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
}

test('the containers are given a configuration that is accepted, on loopback only, with state that outlives them', () => {
  const { services, volumes } = parse(read('ops/docker/compose.yaml')) as {
    services: { engine: Service; database: Service };
    volumes: object;
  };
  const { command, environment, ports } = services.engine;
  const set = command.filter((_, i) => command[i - 1] === '--set');
  const env = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/^\$\{\w+:-(.*)\}$/, '$1')]),
  );
  const loaded = parseConfig('', 'compose.yaml', { env, overrides: { set } });
  expect(loaded.ok ? [] : loaded.errors).toEqual([]);
  expect(loaded.ok && loaded.config.database).toMatchObject({ mode: 'external', host: 'database', name: 'plotnost' });
  expect(loaded.ok && ports).toEqual([`127.0.0.1:${loaded.ok ? loaded.config.dashboard.port : 0}:8787`]);
  const stateDir = command[command.indexOf('--state-dir') + 1];
  expect(services.engine.volumes).toContain(`state:${stateDir}`);
  // Docker makes a folder of a file that is not there, and the engine would find that for its configuration.
  const own = /# - (\S+):\/opt\/plotnost\/config\.yaml:ro/.exec(read('ops/docker/compose.yaml'))?.[1];
  expect(existsSync(path.join(ROOT, 'ops', 'docker', `${own}`))).toBe(true);
  expect(Object.keys(volumes).sort()).toEqual(['database', 'state']);
  expect(services.database.environment['POSTGRES_DB']).toBe('plotnost');
});

test('the engine is not started for the server that only fills a new volume: nobody reaches that one over the network', () => {
  const { services } = parse(read('ops/docker/compose.yaml')) as {
    services: { engine: { depends_on: object }; database: { healthcheck: { test: readonly string[] } } };
  };
  expect(services.engine.depends_on).toEqual({ database: { condition: 'service_healthy' } });
  expect(services.database.healthcheck.test.join(' ')).toMatch(/pg_isready .*-h 127\.0\.0\.1 /);
});

test('the containers are there again after the machine has been restarted: positions may be open', () => {
  const { services } = parse(read('ops/docker/compose.yaml')) as { services: Readonly<Record<string, Service>> };
  expect(Object.values(services).map(({ restart }) => restart)).toEqual(['unless-stopped', 'unless-stopped']);
});

test('whoever speaks to the containers by the README says where the secrets are that their description asks for', () => {
  const lines = read('README.md').match(/^docker compose .*$/gm) ?? [];
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => !line.startsWith('docker compose --env-file .env '))).toEqual([]);
});

test('the image holds everything that the program reads of its own folder', () => {
  const copied = [...read('ops/docker/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
    (match[1] as string).split(' '),
  );
  expect(copied.filter((place) => !existsSync(path.join(ROOT, place)))).toEqual([]);
  const kept = readdirSync(ROOT, { withFileTypes: true }).filter(
    (one) => one.isDirectory() && !one.name.startsWith('.'),
  );
  const unused = new Set(['bench', 'examples', 'node_modules', 'ops', 'state', 'test']);
  expect(kept.map(({ name }) => name).filter((name) => !unused.has(name) && !copied.includes(name))).toEqual([]);
  const allowed = read('ops/docker/Dockerfile.dockerignore');
  expect(copied.filter((place) => !allowed.includes(`!${place}\n`))).toEqual([]);
});

test('the service is not started again where that cannot help, and is given time to end', () => {
  const unit = read('ops/systemd/plotnost.service');
  const value = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1];
  expect(value('RestartPreventExitStatus')?.split(' ').map(Number)).toEqual([EXIT.usage, EXIT.config]);
  expect(value('Restart')).toBe('on-failure');
  // Of any other program of the unit no exit code prevents it.
  expect(value('ExecStartPre')).toBeUndefined();
  expect(value('KillSignal')).toBe('SIGTERM');
  expect(Number(value('TimeoutStopSec'))).toBeGreaterThanOrEqual(60);
  expect(value('ExecStart')).not.toContain('--live');
  // The page on all addresses asks the system for them, and falls where it may not.
  expect(value('RestrictAddressFamilies')?.split(' ')).toContain('AF_NETLINK');
  for (const key of ['NoNewPrivileges', 'ProtectHome', 'PrivateTmp', 'PrivateDevices']) expect(value(key)).toBe('yes');
});
