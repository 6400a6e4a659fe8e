// The command `backdrop`: reads the arguments and answers with the exit code.
#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <sstream>
#include <string>
#include <system_error>

#include "command_line.h"
#include "failure.h"

namespace backdrop::cli {
namespace {

enum ExitCode { kOk = 0, kFailedRun = 1, kWrongCall = 2 };

ExitCode report(ExitCode code, const std::string& message) {
  std::fprintf(stderr, "backdrop: %s\n", one_line(message).c_str());
  return code;
}

// What does not fit stdout's buffer was written before, and the reason why that failed is lost.
ExitCode finish_output() {
  const bool is_flushed = std::fflush(stdout) == 0;
  const int reason = errno;
  if (is_flushed && std::ferror(stdout) == 0) return kOk;
  return report(kFailedRun,
                "the standard output: " + (is_flushed ? "not all of the text could be written"
                                                      : std::generic_category().message(reason)));
}

ExitCode run(int argc, char** argv) {
  CLI::App app;
  try {
    describe_command_line(app);
    app.parse(argc, argv);  // runs the command that the arguments name
    return finish_output();
  } catch (const CLI::Success& help) {
    std::ostringstream text;
    app.exit(help, text);
    std::fputs(text.str().c_str(), stdout);
    return finish_output();
  } catch (const CLI::ParseError& error) {
    return report(kWrongCall, error.what() + std::string("; see backdrop --help"));
  } catch (const WrongCall& error) {
    return report(kWrongCall, error.what());
  } catch (const std::bad_alloc&) {
    return report(kFailedRun, "there is not enough memory");
  } catch (const std::exception& error) {
    return report(kFailedRun, error.what());
  }
}

}  // namespace
}  // namespace backdrop::cli

int main(int argc, char** argv) { return backdrop::cli::run(argc, argv); }
