// A real mail server on this machine: Debian's exim4, with a spool and keys of its own, which
// delivers whatever it accepts into one mailbox, and what is for "report" into a Maildir. Needs
// root, as exim does to change its user.
#pragma once

#include <array>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/programs.hpp"

namespace tutela::testing {

class MailServer {
 public:
  /// Why there is none here; empty: there is.
  static std::string missing() {
    for (const char* const each : {"/usr/sbin/exim4", "/usr/bin/gpg", "/usr/bin/openssl"}) {
      if (!std::filesystem::exists(each)) {
        return std::string(each) + " is not installed";
      }
    }
    return ::geteuid() == 0 ? "" : "exim4 needs root";
  }

  explicit MailServer(bool with_tls = true) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
    for (const char* const each : {"spool", "log", "mail"}) {
      std::filesystem::create_directory(folder_.path() / each);
    }
    make_certificate();
    for (const char* const each : {"spool", "log", "mail", "cert.pem", "key.pem"}) {
      EXPECT_EQ(run_program({"chown", "Debian-exim", folder_.path() / each}).status, 0);
    }
    // Somebody else may take a port between the look at it and exim's own.
    for (int tries = 0; tries < 20 && pid_ < 0; ++tries) {
      choose_ports();
      write_configuration(with_tls);
      start();
      wait_until_it_listens();
    }
    EXPECT_GT(pid_, 0) << "exim4 does not listen: " << log();
  }

  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  ~MailServer() {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  [[nodiscard]] std::string url() const { return "smtp://localhost:" + std::to_string(port_); }

  [[nodiscard]] std::string tls_url() const {
    return "smtps://localhost:" + std::to_string(tls_port_);
  }

  /// Of the one who signed its certificate: itself.
  [[nodiscard]] std::string ca_file() const { return folder_.path() / "cert.pem"; }

  /// The mailbox, once it holds `count` messages.
  [[nodiscard]] std::filesystem::path box(std::size_t count) const {
    const std::filesystem::path path = folder_.path() / "mail" / "box";
    for (int i = 0; i < 600 && messages(path) < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(messages(path), count) << log();
    return path;
  }

  /// The mailbox, once all that was accepted lies in it.
  [[nodiscard]] std::filesystem::path settled_box() const {
    const auto count = [](const std::string& text, std::string_view what) {
      std::size_t found = 0;
      for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) {
        ++found;
      }
      return found;
    };
    for (int i = 0; i < 1200; ++i) {
      const std::string lines = log();
      if (count(lines, " <= ") == count(lines, " Completed")) {
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return folder_.path() / "mail" / "box";
  }

  /// Made with the first mail to report@; `count` messages are in its new/ when this returns.
  [[nodiscard]] std::filesystem::path maildir(std::size_t count) const {
    std::filesystem::path path = folder_.path() / "mail" / "report";
    const auto waiting = [&] {
      std::error_code none;
      const std::filesystem::directory_iterator entries(path / "new", none);
      return none ? 0 : static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
    };
    for (int i = 0; i < 600 && waiting() < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(waiting(), count) << log();
    return path;
  }

  [[nodiscard]] std::string log() const {
    return run_program({"sh", "-c", "cat " + (folder_.path() / "log").string() + "/*"}).output;
  }

 private:
  static std::size_t messages(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) {
      count += line.starts_with("From ") ? 1U : 0U;
    }
    return count;
  }

  void start() {
    std::string program = "/usr/sbin/exim4";
    std::string config = folder_.path() / "exim.conf";
    std::string foreground = "-bdf";
    std::string which = "-C";
    char* argv[] = {program.data(), foreground.data(), which.data(), config.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    // It says there that a user without rights delivers, which is meant; all else is in its log.
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    EXPECT_EQ(::posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }

  /// Two that are free now: both are held until both are known.
  void choose_ports() {
    std::array<int, 2> held{};
    std::array<std::uint16_t*, 2> ports = {&port_, &tls_port_};
    for (std::size_t i = 0; i < held.size(); ++i) {
      held[i] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof(address);
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): addresses of the system.
      auto* const any = reinterpret_cast<sockaddr*>(&address);
      EXPECT_EQ(::bind(held[i], any, size), 0);
      EXPECT_EQ(::getsockname(held[i], any, &size), 0);
      *ports[i] = ntohs(address.sin_port);
    }
    for (const int fd : held) {
      ::close(fd);
    }
  }

  void make_certificate() {
    const Ran ran = run_program({"openssl",
                                 "req",
                                 "-x509",
                                 "-newkey",
                                 "rsa:2048",
                                 "-nodes",
                                 "-keyout",
                                 folder_.path() / "key.pem",
                                 "-out",
                                 ca_file(),
                                 "-days",
                                 "2",
                                 "-subj",
                                 "/CN=localhost",
                                 "-addext",
                                 "subjectAltName=DNS:localhost"});
    EXPECT_EQ(ran.status, 0) << ran.output;
  }

  void write_configuration(bool with_tls) const {
    const std::string at = folder_.path();
    std::ofstream out(folder_.path() / "exim.conf");
    out << "primary_hostname = mail.example.org\nspool_directory = " << at
        << "/spool\nlog_file_path = " << at << "/log/%s\npid_file_path = " << at
        << "/spool/pid\nlocal_interfaces = 127.0.0.1\ndaemon_smtp_ports = " << port_ << " : "
        << tls_port_ << "\ndaemon_startup_retries = 0\ntls_on_connect_ports = " << tls_port_
        << "\ntls_advertise_hosts = " << (with_tls ? "*" : "") << "\ntls_certificate = " << at
        << "/cert.pem\ntls_privatekey = " << at
        << "/key.pem\nmessage_size_limit = 20M\nacl_smtp_rcpt = rcpt\nacl_smtp_data = data\n"
        << "keep_environment =\nbegin acl\nrcpt:\n  deny local_parts = nobody\n"
        << "  defer local_parts = later\n"
        << "  deny local_parts = members\n       !authenticated = *\n"
        << "  accept local_parts = full\n         set acl_m_full = yes\n  accept\n"
        << "data:\n  deny condition = ${if eq{$acl_m_full}{yes}}\n  accept\n"
        << "begin routers\nreport:\n  driver = accept\n  local_parts = report\n"
        << "  transport = maildir\nall:\n  driver = accept\n  transport = box\n"
        << "begin transports\nbox:\n  driver = appendfile\n  file = " << at
        << "/mail/box\n  user = Debian-exim\n  mode = 0644\n"
        << "maildir:\n  driver = appendfile\n  directory = " << at
        << "/mail/report\n  maildir_format\n  return_path_add\n  delivery_date_add\n"
        << "  user = Debian-exim\n  mode = 0644\n"
        << "begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n"
        << "  server_prompts = :\n  server_set_id = $auth2\n"
        << "  server_condition = ${if and{{eq{$auth2}{tutela}}{eq{$auth3}{right}}}}\n";
  }

  /// Or until it has ended, because a port was taken.
  void wait_until_it_listens() {
    for (int i = 0; i < 1200 && log().find("listening for SMTP") == std::string::npos; ++i) {
      if (::waitpid(pid_, nullptr, WNOHANG) != 0) {
        pid_ = -1;
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  TemporaryFolder folder_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace tutela::testing
