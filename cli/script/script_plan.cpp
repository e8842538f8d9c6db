#include "troupe/cli/script/script_plan.hpp"

#include "troupe/models/process/child_process.hpp"
#include "troupe/models/python/worker_archive.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <poll.h>
#include <unistd.h>

namespace troupe {

namespace {

/// A script may load or fetch a model before it says what it wants.
constexpr std::chrono::hours longest{1};

std::string interpreter_for(const script& x) {
  auto result = x.python;
  if (result.empty()) {
    const auto* active = std::getenv("VIRTUAL_ENV");
    result = active != nullptr && *active != '\0'
               ? std::string{active}.append("/bin/python3")
               : "python3";
  }
  try {
    result = file_of(result);
  } catch (const std::runtime_error& e) {
    throw script_error(std::string{e.what()}
                       + "; name the interpreter with --python");
  }
  if (::access(result.c_str(), X_OK) != 0)
    throw script_error("there is no program " + result
                       + "; name the interpreter with --python");
  return std::filesystem::absolute(result).string();
}

/// Takes what there is. @returns false at the end
bool take(int fd, std::string& out) {
  std::array<char, 65'536> room{};
  auto n = ::read(fd, room.data(), room.size());
  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  out.append(room.data(), static_cast<std::size_t>(n));
  return n > 0;
}

/// Reads what the script says and prints until both have ended.
std::string listen_to(child_process& child, int socket, std::ostream& out) {
  std::string answer;
  // Poll ignores those below zero.
  std::array<pollfd, 3> fds{{{socket, POLLIN, 0},
                             {child.out().get(), POLLIN, 0},
                             {child.err().get(), POLLIN, 0}}};
  const auto end = std::chrono::steady_clock::now() + longest;
  while (fds[0].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      end - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      throw script_error("it has not called LitServer.run() in an hour");
    if (::poll(fds.data(), fds.size(), static_cast<int>(left.count())) < 0)
      continue;
    for (auto& x : fds) {
      if (x.fd < 0 || x.revents == 0)
        continue;
      std::string printed;
      if (!take(x.fd, &x == fds.data() ? answer : printed))
        x.fd = -1;
      out << printed << std::flush;
    }
  }
  // What was printed before the answer is there already.
  for (std::size_t i = 1; i < fds.size(); ++i) {
    std::string printed;
    while (fds[i].fd >= 0 && ::poll(&fds[i], 1, 0) == 1)
      if (!take(fds[i].fd, printed))
        fds[i].fd = -1;
    out << printed << std::flush;
  }
  return answer;
}

std::string how_it_ended(child_process& child) {
  pollfd fd{child.end_fd(), POLLIN, 0};
  constexpr int patience_ms = 5'000;
  ::poll(&fd, 1, patience_ms);
  const auto& end = child.ended();
  return end ? end->text : "no answer";
}

} // namespace

bool is_script(const std::string& file) {
  return file.ends_with(".py");
}

script_plan plan_of(const script& x, std::ostream& out) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(x.file, code))
    throw script_error(x.file + ": there is no such file");
  const auto archive = python_worker_file();
  child_command command;
  command.argv = {interpreter_for(x), python_worker_path, "plan", x.file};
  command.argv.insert(command.argv.end(), x.arguments.begin(),
                      x.arguments.end());
  command.extra_fd = archive->get();
  std::string answer;
  std::string end;
  try {
    child_process child{command};
    const auto socket = child.take_socket();
    answer = listen_to(child, socket.get(), out);
    if (answer.empty())
      end = how_it_ended(child);
  } catch (const script_error& e) {
    throw script_error(x.file + ": " + e.what());
  } catch (const std::runtime_error& e) {
    throw script_error(e.what());
  }
  const auto message = nlohmann::json::parse(answer, nullptr, false);
  if (!message.is_object())
    throw script_error(x.file + ": it ended before LitServer.run(): " + end);
  if (message.contains("error"))
    throw script_error(message["error"].get<std::string>());
  script_plan result;
  message.at("config").get_to(result.config);
  message.at("notices").get_to(result.notices);
  message.at("env").get_to(result.env);
  return result;
}

} // namespace troupe
