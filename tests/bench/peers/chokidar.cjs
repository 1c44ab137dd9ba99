// node chokidar.cjs ROOT SETTLE_MS: a line an event. NODE_PATH names the modules.
const chokidar = require('chokidar');
const [root, settle] = [process.argv[2], Number(process.argv[3])];
const kinds = { add: 'exists', addDir: 'exists', change: 'changed', unlink: 'gone', unlinkDir: 'gone' };
const options = { ignoreInitial: true };
if (settle > 0)
  options.awaitWriteFinish = { stabilityThreshold: settle, pollInterval: Math.max(10, settle / 5) };
chokidar.watch(root, options)
  .on('all', (event, path) => process.stdout.write(`${kinds[event]} ${path}\n`))
  .on('error', (error) => process.stderr.write(`${error}\n`))
  .on('ready', () => process.stdout.write('READY\n'));
