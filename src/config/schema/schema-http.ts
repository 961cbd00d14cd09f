import { Type } from 'typebox';
import { rights } from '#api/names.ts';
import { closed, endpoint, list, name, oneOrMany, text, word } from '#yaml/schema-values.ts';
import { globalDefaults } from './defaults.ts';

const token = Type.Object(
  {
    name: name({ description: 'A unique name, shown beside the actions that used the token.' }),
    file: text({ description: 'A file whose first line is the token.' }),
    may: list(word([...rights, 'all'], { description: 'A right.' }), {
      description:
        'What the token allows. drain: drain nodes; peers: enable, disable, reset and refresh peers; config: check, plan, reload and confirm the configuration, and shut the daemon down; all: everything.',
      minItems: 1,
    }),
    nodes: Type.Optional(
      list(name({ description: 'A node.' }), {
        description: 'The nodes whose peers the token may act on. Absent: all.',
        minItems: 1,
      }),
    ),
  },
  {
    ...closed,
    description: 'A token.',
    errorMessage: 'expected { name: deploy, file: /path, may: [drain] }',
  },
);

export const http = Type.Object(
  {
    listen: Type.Optional(
      oneOrMany(endpoint('An address and port.'), {
        description: 'Where the API, the metrics and the looking glass listen.',
        default: globalDefaults.http.listen,
      }),
    ),
    hosts: Type.Optional(
      list(text({ description: 'A host name.' }), {
        description:
          'Host names that requests may use, in addition to addresses and localhost. Requests with any other name are answered with 421.',
      }),
    ),
    external_url: Type.Optional(
      text({
        description:
          'The address under which a proxy shows the daemon, such as https://noc.example.net/rs9/. Requests may use its host name; the proxy has to remove a path such as /rs9/.',
      }),
    ),
    tokens: Type.Optional(
      list(token, {
        description:
          'Bearer tokens for requests that change something. Absent: the API is read-only, except with the token of token_file.',
      }),
    ),
    token_file: Type.Optional(
      text({ description: 'A file with a bearer token that allows everything.' }),
    ),
  },
  { ...closed, description: 'HTTP.', errorMessage: 'expected { listen, hosts, tokens }' },
);

export const control = Type.Object(
  {
    socket: Type.Optional(
      text({ description: 'The Unix socket of the CLI.', default: globalDefaults.control.socket }),
    ),
  },
  { ...closed, description: 'The control socket.', errorMessage: 'expected { socket: /path }' },
);
