// chibo serve: holds the directory, listens for children, syncs upward on a schedule, runs what
// other commands ask.
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>

#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/run.h"
#include "node/cli/sync_words.h"
#include "node/net/control_socket.h"
#include "node/net/sync_server.h"
#include "node/net/system.h"
#include "proto/crypto.h"

namespace chibo {
namespace {

constexpr Duration kEveryDefault{5 * 60 * 1000};
// After something new came in: soon, but not once for each of many children.
constexpr Duration kSoon{500};

// Syncs upward: on a schedule, soon after something new, and when a command asks for it.
class Upward {
 public:
  Upward(SyncLoop& loop, NetAddress parent, std::string given, Duration every, Progress progress,
         const Catalogue& texts)
      : loop_(loop),
        client_(loop),
        timer_(loop.io()),
        given_(std::move(given)),
        every_(every),
        progress_(std::move(progress)),
        texts_(texts) {
    plan_.parent = std::move(parent);
  }

  void In(Duration wait) {
    if (client_.running()) {
      again_ = true;
      return;
    }
    const auto due = std::chrono::steady_clock::now() + wait;
    // What is to come sooner stays: something may have come in since the last round ended.
    if (due_ && *due_ <= due) {
      return;
    }
    due_ = due;
    timer_.expires_at(due);
    timer_.async_wait([this](const asio::error_code& error) {
      if (!error) {
        Run();
      }
    });
  }
  void Soon() { In(kSoon); }
  // The superior's address, as it was typed.
  const std::string& given() const { return given_; }
  // Runs at once and tells what became of it.
  void Ask(SyncClient::OnEnd told) {
    waiting_.push_back(std::move(told));
    if (!client_.running()) {
      timer_.cancel();
      Run();
    }
  }
  void Stop() {
    timer_.cancel();
    stopped_ = true;
    client_.Stop();
  }

 private:
  void Run() {
    if (client_.running() || stopped_) {
      return;
    }
    due_.reset();
    client_.Start(
        plan_, [this](const SyncSilence& silence) { progress_(DescribeSilence(texts_, silence)); },
        [this](const SyncReport& report, const Status& status) {
          progress_(DescribeAttempt(texts_, report, status));
        },
        [this](const SyncReport& report) { Ended(report); });
  }

  void Ended(const SyncReport& report) {
    if (report.status) {
      // A name that could not be kept is looked up again next time.
      static_cast<void>(KeepParent(loop_.engine().replica(), given_, loop_.clock().Now()));
    }
    for (const auto& told : std::exchange(waiting_, {})) {
      told(report);
    }
    if (!stopped_) {
      // Whatever came in meanwhile must not wait for the next round.
      asio::post(loop_.io(), [this] { In(std::exchange(again_, false) ? kSoon : every_); });
    }
  }

  SyncLoop& loop_;
  SyncClient client_;
  asio::steady_timer timer_;
  SyncPlan plan_;
  std::string given_;
  Duration every_;
  Progress progress_;
  const Catalogue& texts_;
  std::vector<SyncClient::OnEnd> waiting_;
  std::optional<std::chrono::steady_clock::time_point> due_;  // of the timer, when it runs
  bool again_ = false;
  bool stopped_ = false;
};

class Server {
 public:
  explicit Server(Call& call)
      : call_(call),
        engine_(call.replica(), *call.node->device().noise),
        loop_(io_, engine_, call.clock),
        children_(loop_, OpenFilesMax()),
        control_(io_),
        signals_(io_),
        ending_(io_) {}

  Result<Output> Run() {
    AddEndings(signals_);  // before anybody can see that it runs, and ask it to end
    CHIBO_TRY(StartUpward());
    CHIBO_TRY(
        control_.Listen(call_.directory.socket(),
                        [this](ControlRequest&& request, const ControlSocket::Answer& answer) {
                          Asked(request, answer);
                          for (auto& [key, passphrase] : request.passphrases) {
                            Wipe(passphrase);
                          }
                        }));
    CHIBO_TRY(StartListening());
    signals_.async_wait([this](const asio::error_code& error, int) {
      if (!error) {
        Stop();
      }
    });
    io_.run();
    Output output;
    output.json = Dump(Json{{"ended", true}});
    output.notes = {call_.Say("serve_ended")};
    return output;
  }

 private:
  Status StartUpward() {
    const Settings& settings = call_.replica().settings();
    const std::string& given = call_.arguments.One("parent");
    if (!settings.parent || (given.empty() && settings.parent_address.empty())) {
      return {};
    }
    CHIBO_TRY_VALUE(NetAddress parent, ParentAddress(settings, given));
    CHIBO_TRY_VALUE(const Duration every, call_.arguments.Seconds("every", kEveryDefault));
    upward_.emplace(loop_, std::move(parent), given, every, call_.progress, call_.texts);
    upward_->In(Duration(0));
    return {};
  }

  Status StartListening() {
    const std::string& listen = call_.arguments.One("listen");
    std::string where;
    if (!listen.empty()) {
      CHIBO_TRY_VALUE(const NetAddress address, NetAddress::Parse(listen));
      CHIBO_TRY(
          children_.Listen(address, [this](const std::optional<Peer>& peer,
                                           const Connection::End& end) { ChildEnded(peer, end); }));
      where = listen.substr(0, listen.rfind(':') + 1) + std::to_string(children_.port());
    }
    // Said at once: whoever started this waits for it.
    const std::string line = call_.arguments.Has("json") ? Dump(Json{{"listening", where}})
                             : where.empty()             ? call_.Say("serve_begun")
                                                         : call_.Say("serve_listening", {where});
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
    return {};
  }

  void ChildEnded(const std::optional<Peer>& peer, const Connection::End& end) {
    const std::string who = peer ? UnitOf(*peer) : "?";
    call_.progress(
        end.status
            ? call_.Say("child_session_done", {who, call_.texts.Number(end.counts.entries_in)})
            : call_.Say("child_session_ended", {who, call_.texts.Say(end.status.error())}));
    if (upward_ && end.counts.entries_in > 0) {
      upward_->Soon();
    }
  }

  std::string UnitOf(const Peer& peer) const {
    const auto state = call_.replica().projector().organisation().At(peer.unit);
    return state ? state->code : peer.unit.hex();
  }

  void Asked(const ControlRequest& request, const ControlSocket::Answer& answer) {
    const auto invocation = ParseAsked(request);
    if (!invocation) {
      answer(AnswerOf(tl::unexpected(invocation.error())));
      return;
    }
    if (invocation->command->path == "sync") {
      AskedToSync(*invocation, request.language, answer);
      return;
    }
    answer(RunAsked(request, *invocation, *call_.node, call_.clock, call_.random));
    if (upward_ && invocation->command->needs == Needs::kWrite) {
      upward_->Soon();
    }
  }

  // This process has its own address and schedule: another address is not passed over in silence.
  void AskedToSync(const Invocation& invocation, const std::string& language,
                   const ControlSocket::Answer& answer) {
    const std::string& parent = invocation.arguments.One("parent");
    if (!parent.empty() && (!upward_ || parent != upward_->given())) {
      answer(AnswerOf(Fail(Code::kUsage, "parent_of_serve_differs", parent)));
      return;
    }
    if (!upward_) {
      auto address = ParentAddress(call_.replica().settings(), "");
      if (address) {
        address = Fail(Code::kUsage, "parent_address_missing", "--parent");
      }
      answer(AnswerOf(tl::unexpected(address.error())));
      return;
    }
    upward_->Ask([this, answer, language](const SyncReport& report) {
      answer(AnswerOf(DescribeSync(Catalogue::In(LanguageOf(language)), call_.replica(), report)));
    });
  }

  void Stop() {
    children_.Close();
    control_.Close();
    if (upward_) {
      upward_->Stop();
    }
    loop_.CloseAll();
    // Handlers of what was closed are ready now and run before this; whoever is still connected to
    // the control socket is not waited for.
    ending_.expires_after(Duration(100));
    ending_.async_wait([this](const asio::error_code&) { io_.stop(); });
  }

  Call& call_;
  asio::io_context io_;
  SyncEngine engine_;
  SyncLoop loop_;
  SyncServer children_;
  ControlSocket control_;
  asio::signal_set signals_;
  asio::steady_timer ending_;
  std::optional<Upward> upward_;
};

Result<Output> Serve(Call& call) {
  std::signal(SIGPIPE, SIG_IGN);
  return Server(call).Run();
}

}  // namespace

void AddServeCommand(std::vector<CommandSpec>& all) {
  all.push_back({"serve",
                 Needs::kServe,
                 {{"listen", OptionSpec::Kind::kValue, false, ""},
                  {"parent", OptionSpec::Kind::kValue, false, "parent_address"},
                  {"every", OptionSpec::Kind::kValue, false, ""}},
                 "serve --dir DIST --listen 127.0.0.1:7400 --parent 127.0.0.1:7300",
                 Serve});
}

}  // namespace chibo
