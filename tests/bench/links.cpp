// bench_links [--quick]
//
// What it costs to get records to another process over loopback, a batch at a time: our link, with
// and without TLS, and what a collector stores of it, beside the least that could do the same (a
// write(2) of the same bytes a batch, read and decoded) and ZeroMQ, in one run. Sender and receiver
// are processes; both ends of all but `collector` only decode. Every contest ends when the receiver
// has decoded (or stored) everything. Prints one line of JSON a figure and repetition; tools/bench
// makes medians of them.
//
//   link b=N    records a second in batches of N, and processor time of both ends for a record
//   latency     batches of one, 200 a second: from the making to the decoding
//   stopped     the receiver is stopped while the sender goes on: memory of the sender

#include "actors/actors.hpp"
#include "actors/codec/batch_blob.hpp"
#include "actors/codec/link_frame.hpp"
#include "actors/core/batch_builder.hpp"
#include "actors/net/wire.hpp"
#include "actors/os/dial.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/private_ca.hpp"
#include "actors/os/stream_address.hpp"
#include "actors/os/wake_event.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "memory.hpp"
#include <zmq.h>

namespace actors::bench {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

void tell(const std::string& workload, const std::string& who, const char* metric, double value) {
  std::printf(R"({"workload":"%s","who":"%s","metric":"%s","value":%.6g})"
              "\n",
    workload.c_str(), who.c_str(), metric, value);
  std::fflush(stdout);
}

void require(bool fine, const std::string& what) {
  if (!fine)
    throw std::runtime_error{what};
}

template <class T>
T the(result<T> what) {
  if (!what)
    throw std::runtime_error{what.error().text};
  return std::move(*what);
}

// -- what is sent ---------------------------------------------------------------------------------

/// As `docs/performance.md` has it: paths of 69 bytes.
event_batch batch_of(std::size_t count) {
  auto builder = batch_builder{};
  for (std::size_t i = 0; i < count; ++i) {
    const auto path = "/srv/project/some/directory/of/sources/with/a/longish/name/file"
                      + std::to_string(100'000 + i);
    builder.add({.type = event_type::modify,
      .ftype = file_type::file,
      .path = path,
      .size = i,
      .time = std::chrono::system_clock::now()});
  }
  return builder.finish();
}

struct task {
  std::size_t batch = 1;
  std::uint64_t records = 0;
  std::chrono::microseconds pause{0}; ///< between batches

  std::uint64_t batches() const { return records / batch; }
};

/// Counts what was decoded, and how old it was.
class tally {
public:
  explicit tally(const task& of) : wanted_{of.records}, keeps_ages_{of.pause.count() != 0} {}

  void add(const event_batch& batch) {
    count_ += batch.size();
    if (keeps_ages_)
      ages_.push_back(std::chrono::duration<double, std::micro>(
        std::chrono::system_clock::now() - batch.time_at(0))
                        .count());
  }
  bool is_done() const { return count_ >= wanted_; }
  double age(double part) {
    std::sort(ages_.begin(), ages_.end());
    return ages_.empty()
             ? 0
             : ages_[static_cast<std::size_t>(part * static_cast<double>(ages_.size() - 1))];
  }

private:
  std::uint64_t count_ = 0;
  std::uint64_t wanted_;
  bool keeps_ages_;
  std::vector<double> ages_; ///< microseconds
};

// -- two processes --------------------------------------------------------------------------------

class pipe_ends {
public:
  pipe_ends() { require(::pipe(ends_.data()) == 0, "pipe"); }
  void put(const std::string& line) const {
    require(::write(ends_[1], (line + "\n").data(), line.size() + 1) > 0, "write to a pipe");
  }
  std::string get() const {
    auto line = std::string{};
    for (auto byte = '\0'; ::read(ends_[0], &byte, 1) == 1 && byte != '\n';)
      line.push_back(byte);
    return line;
  }

private:
  std::array<int, 2> ends_{};
};

/// How receiver and sender talk beside what is measured.
struct channel {
  pipe_ends address; ///< receiver to sender: where it listens
  pipe_ends done;    ///< receiver to sender: everything is here, and the ages

  void finish(tally& of) const {
    done.put(std::to_string(of.age(0.5)) + " " + std::to_string(of.age(0.99)));
  }
};

pid_t start(const std::function<void()>& body) {
  const auto child = ::fork();
  require(child >= 0, "fork");
  if (child != 0)
    return child;
  try {
    body();
    std::fflush(stdout);
    ::_exit(0);
  } catch (const std::exception& x) {
    std::fprintf(stderr, "bench_links: %s\n", x.what());
    ::_exit(1);
  }
}

double processor_time(const rusage& of) {
  const auto in_seconds = [](const timeval& x) {
    return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) / 1e6;
  };
  return in_seconds(of.ru_utime) + in_seconds(of.ru_stime);
}

double end_of(pid_t child) {
  auto status = 0;
  auto used = rusage{};
  require(::wait4(child, &status, 0, &used) == child && status == 0, "a process failed");
  return processor_time(used);
}

struct contestant {
  std::string name;
  std::function<void(const task&, channel&)> receive;
  std::function<void(const task&, channel&, const std::string& address)>
    send; ///< until it is told `done`
};

void make_blocking(int socket) {
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) & ~O_NONBLOCK);
}

// -- the least ------------------------------------------------------------------------------------

void read_all(int from, char* into, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const auto count = ::read(from, into + at, size - at);
    require(count > 0, "the sender is gone");
    at += static_cast<std::size_t>(count);
  }
}

unique_fd one_connection(const unique_fd& listener) {
  for (;;) {
    wait_readable({listener.get()}, 10s);
    if (auto socket = accept_stream(listener))
      return socket;
  }
}

unique_fd listen_and_tell(channel& with) {
  auto listener = the(the(stream_address::parse("127.0.0.1:0")).listen());
  with.address.put("127.0.0.1:" + std::to_string(port_of(listener)));
  return listener;
}

void receive_raw(const task& what, channel& with) {
  const auto listener = listen_and_tell(with);
  const auto socket = one_connection(listener);
  make_blocking(socket.get());
  auto count = tally{what};
  auto bytes = std::string{};
  while (!count.is_done()) {
    auto size = std::uint32_t{0};
    read_all(socket.get(), reinterpret_cast<char*>(&size), sizeof size);
    bytes.resize(size);
    read_all(socket.get(), bytes.data(), size);
    count.add(the(read_batch_blob(bytes)));
  }
  with.finish(count);
}

void send_raw(const task& what, channel& with, const std::string& address) {
  const auto socket = the(dial(the(dial_address::parse(address)), clock::now() + 5s, -1));
  make_blocking(socket.get());
  watch_over(socket, 10s);
  const auto batch = batch_of(what.batch);
  for (std::uint64_t i = 0; i < what.batches(); ++i) {
    const auto blob = write_batch_blob(what.pause.count() == 0 ? batch : batch_of(1));
    const auto size = static_cast<std::uint32_t>(blob.size());
    auto frame = std::string{reinterpret_cast<const char*>(&size), sizeof size} + blob;
    for (auto rest = std::string_view{frame}; !rest.empty();) {
      const auto written = ::write(socket.get(), rest.data(), rest.size());
      require(written > 0, "write to a socket");
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (what.pause.count() != 0)
      std::this_thread::sleep_for(what.pause);
  }
  with.done.get();
}

// -- ZeroMQ ---------------------------------------------------------------------------------------

void receive_zeromq(const task& what, channel& with) {
  auto* context = zmq_ctx_new();
  auto* socket = zmq_socket(context, ZMQ_PULL);
  require(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "zmq_bind");
  auto name = std::array<char, 256>{};
  auto size = name.size();
  zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, name.data(), &size);
  with.address.put(name.data());
  auto count = tally{what};
  while (!count.is_done()) {
    auto message = zmq_msg_t{};
    zmq_msg_init(&message);
    require(zmq_msg_recv(&message, socket, 0) >= 0, "zmq_msg_recv");
    count.add(the(
      read_batch_blob({static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message)})));
    zmq_msg_close(&message);
  }
  with.finish(count);
}

void send_zeromq(const task& what, channel& with, const std::string& address) {
  auto* context = zmq_ctx_new();
  auto* socket = zmq_socket(context, ZMQ_PUSH);
  require(zmq_connect(socket, address.c_str()) == 0, "zmq_connect");
  const auto batch = batch_of(what.batch);
  for (std::uint64_t i = 0; i < what.batches(); ++i) {
    const auto blob = write_batch_blob(what.pause.count() == 0 ? batch : batch_of(1));
    require(zmq_send(socket, blob.data(), blob.size(), 0) >= 0, "zmq_send");
    if (what.pause.count() != 0)
      std::this_thread::sleep_for(what.pause);
  }
  with.done.get();
}

// -- our link -------------------------------------------------------------------------------------

/// Certificates for both ends, made once.
struct certificates {
  std::string place =
    std::filesystem::temp_directory_path() / ("bench-links-" + std::to_string(::getpid()));
  tls_options files{place + "/ca.pem", place + "/end.pem", place + "/end.key"};

  certificates() {
    std::filesystem::create_directories(place);
    const auto write = [](const std::string& path, const std::string& text) {
      std::ofstream{path} << text;
    };
    const auto ca = the(private_ca::make());
    write(files.ca_file, the(ca.pem()).certificate);
    auto terms = certificate_terms{};
    terms.names = {"localhost"};
    const auto pair = the(ca.issue(terms));
    write(files.certificate_file, pair.certificate);
    write(files.key_file, pair.key);
    std::filesystem::permissions(files.key_file, std::filesystem::perms::owner_read);
  }
  ~certificates() { std::filesystem::remove_all(place); }
};

/// Lets one link in, decodes what it sends and acknowledges it: a collector without its store.
void receive_link(const task& what, channel& with, const tls_options* tls) {
  const auto listener = listen_and_tell(with);
  const auto identity = tls == nullptr ? nullptr : the(tls_identity::load(*tls));
  auto stream =
    the(peer_stream::over(one_connection(listener), peer_stream::end::accepted, identity));
  while (the(stream->shake_hands()) != stream_step::done)
    wait_readable({stream->descriptor()}, 1ms);
  const auto ours = write_preface();
  require(the(stream->write(ours)) == ours.size(), "preface");
  auto theirs = std::array<char, preface_size>{};
  for (std::size_t at = 0; at < theirs.size();) {
    at += the(stream->read(std::span{theirs}.subspan(at)));
    wait_readable({stream->descriptor()}, 1ms);
  }
  auto network = wire{};
  auto news = wake_event{};
  const auto session = the(network.open(stream, 64 * frame_bytes_max, [&] { news.raise(); }));
  auto count = tally{what};
  while (!count.is_done()) {
    wait_readable({news.descriptor()}, 100ms);
    news.lower();
    auto upto = std::uint64_t{0};
    while (const auto came = session->take()) {
      const auto message = the(read_frame(came->header, came->payload));
      if (std::holds_alternative<hello_frame>(message)) {
        session->trust(); // with frames larger than a stranger may send
        session->send(write_frame(welcome_frame{1, "bench", "receiver", 64, 1s, 10s}));
      }
      if (const auto* batch = std::get_if<batch_frame>(&message)) {
        count.add(the(read_batch_blob(batch->blob)));
        upto = batch->number;
      }
    }
    if (upto != 0)
      session->send(write_frame(ack_frame{upto, 64}));
    require(!session->is_over(), "the link is gone");
  }
  with.finish(count);
}

link_options options_to(const std::string& address, const tls_options* tls) {
  auto options = link_options{};
  options.addresses = {address};
  options.wire = tls == nullptr ? wire_policy::insecure_loopback : wire_policy::tls;
  if (tls != nullptr)
    options.tls = *tls;
  options.server_name = "localhost";
  return options;
}

void send_link(
  const task& what, channel& with, const std::string& address, const tls_options* tls) {
  auto options = node_options{};
  options.name = "sender";
  auto host = node{options};
  auto uplink = the(host.link("uplink", options_to(address, tls)));
  const auto batch = batch_of(what.batch);
  for (std::uint64_t i = 0; i < what.batches(); ++i) {
    const auto done = uplink.push("feed", what.pause.count() == 0 ? batch : batch_of(1), 60s);
    require(done.has_value(), done ? "" : done.error().text);
    if (what.pause.count() != 0)
      std::this_thread::sleep_for(what.pause);
  }
  with.done.get();
  ::_exit(0); // the receiver is gone, and a stop would wait for it
}

/// The whole: what is acknowledged is on the disk.
void receive_collector(const task& what, channel& with, const std::string& place) {
  auto options = collect_options{};
  options.listen = "unix:" + place + "/collector.sock";
  options.store = place + "/events.db";
  options.wire = wire_policy::insecure_loopback;
  auto host = node{};
  auto collector = the(host.collect(options));
  with.address.put(options.listen);
  while (host.health().collectors.at(0).records < what.records)
    std::this_thread::sleep_for(1ms);
  auto none = tally{what};
  with.finish(none);
}

// -- the contests ---------------------------------------------------------------------------------

void run(const std::string& workload, const contestant& who, const task& what) {
  auto with = channel{};
  const auto receiver = start([&] { who.receive(what, with); });
  const auto address = with.address.get();
  const auto begin = clock::now();
  const auto sender = start([&] { who.send(what, with, address); });
  const auto used = end_of(receiver) + end_of(sender);
  const auto took = std::chrono::duration<double>(clock::now() - begin).count();
  const auto records = static_cast<double>(what.records);
  tell(workload, who.name, "records/s", records / took);
  tell(workload, who.name, "cpu us/record", used / records * 1e6);
}

void run_latency(const contestant& who, const task& what) {
  auto with = channel{};
  const auto receiver = start([&] { who.receive(what, with); });
  const auto address = with.address.get();
  const auto sender = start([&] {
    auto silent = channel{}; // its `done` never comes: this process is told, and ends it
    who.send(what, silent, address);
  });
  const auto ages = with.done.get();
  ::kill(sender, SIGKILL);
  auto status = 0;
  ::waitpid(sender, &status, 0);
  end_of(receiver);
  auto p50 = 0.0;
  auto p99 = 0.0;
  require(std::sscanf(ages.c_str(), "%lf %lf", &p50, &p99) == 2, "ages");
  tell("link latency", who.name, "p50 us", p50);
  tell("link latency", who.name, "p99 us", p99);
}

void run_stopped(const tls_options& tls) {
  auto with = channel{};
  const auto what = task{256, UINT64_MAX};
  const auto receiver = start([&] { receive_link(what, with, &tls); });
  const auto address = with.address.get();
  const auto sender = start([&] {
    auto host = node{};
    auto uplink = the(host.link("uplink", options_to(address, &tls)));
    const auto batch = batch_of(what.batch);
    for (auto i = 0; i < 2000; ++i)
      static_cast<void>(uplink.push("feed", batch, 10s));
    const auto before = memory_mib("VmRSS:");
    ::kill(receiver, SIGSTOP);
    for (const auto due = clock::now() + 8s; clock::now() < due;)
      static_cast<void>(uplink.push("feed", batch_of(256), 20ms)); // full, mostly
    tell("link stopped", "link-tls", "growth MiB", memory_mib("VmRSS:") - before);
    ::_exit(0);
  });
  end_of(sender);
  ::kill(receiver, SIGKILL);
  auto status = 0;
  ::waitpid(receiver, &status, 0);
}

} // namespace

int main_of(bool is_quick) {
  const auto tls = certificates{};
  const auto place = tls.place;
  const auto* const files = &tls.files;
  const auto link = [](const tls_options* with_tls) {
    return contestant{with_tls == nullptr ? "link" : "link-tls",
      [=](const task& what, channel& with) { receive_link(what, with, with_tls); },
      [=](const task& what, channel& with, const std::string& address) {
        send_link(what, with, address, with_tls);
      }};
  };
  const auto raw = contestant{"raw-tcp", receive_raw, send_raw};
  const auto zeromq = contestant{"zeromq", receive_zeromq, send_zeromq};
  const auto collector = contestant{"collector",
    [&](const task& what, channel& with) { receive_collector(what, with, place); },
    [](const task& what, channel& with, const std::string& address) {
      send_link(what, with, address, nullptr);
    }};
  const auto scale = std::uint64_t{is_quick ? 10u : 1u};
  const auto rounds = is_quick ? 1 : 5;
  for (auto round = 0; round < rounds; ++round) {
    for (const auto& [size, records] :
      {std::pair{1u, 100'000u}, {64u, 1'600'000u}, {256u, 3'200'000u}, {1'024u, 3'276'800u}}) {
      const auto workload = "link b=" + std::to_string(size);
      auto what = task{size, records / scale / size * size};
      for (const auto& who : {raw, zeromq, link(nullptr), link(files)})
        run(workload, who, what);
      what.records = what.records / 8 / size * size;
      for (const auto* suffix : {"", "-wal", "-shm", ".lock"})
        std::filesystem::remove(place + "/events.db" + suffix);
      run(workload, collector, what);
    }
    for (const auto& who : {raw, zeromq, link(nullptr), link(files)})
      run_latency(who, {1, 1'000 / scale, 5ms});
    run_stopped(*files);
  }
  return 0;
}

} // namespace actors::bench

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return actors::bench::main_of(count > 1 && std::string_view{words[1]} == "--quick");
  } catch (const std::exception& x) {
    std::fprintf(stderr, "bench_links: %s\n", x.what());
    return 1;
  }
}
