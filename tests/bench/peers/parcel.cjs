// node parcel.cjs ROOT: a line an event, a write a batch. NODE_PATH names the modules. On inotify:
// left alone, the library prefers a watchman that it finds on the machine.
const watcher = require('@parcel/watcher');
const kinds = { create: 'exists', update: 'changed', delete: 'gone' };
watcher.subscribe(process.argv[2], (error, events) => {
  if (error)
    process.stderr.write(`${error}\n`);
  else
    process.stdout.write(events.map((event) => `${kinds[event.type]} ${event.path}\n`).join(''));
}, { backend: 'inotify' }).then(() => process.stdout.write('READY\n'));
