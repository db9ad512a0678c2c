# Written by scripts/release; edit scripts/packaging/templates/codexd.rb instead.
class Codexd < Formula
  desc "Use your ChatGPT/Codex login from any tool: CLI and local API daemon"
  homepage "@HOMEPAGE@"
  version "@VERSION@"
  license "MIT"

  on_macos do
    on_arm do
      url "@BASE_URL@/v@VERSION@/codexd-darwin-arm64.tar.gz"
      sha256 "@SHA256:codexd-darwin-arm64.tar.gz@"
    end
    on_intel do
      url "@BASE_URL@/v@VERSION@/codexd-darwin-x64.tar.gz"
      sha256 "@SHA256:codexd-darwin-x64.tar.gz@"
    end
  end

  on_linux do
    on_arm do
      url "@BASE_URL@/v@VERSION@/codexd-linux-arm64.tar.gz"
      sha256 "@SHA256:codexd-linux-arm64.tar.gz@"
    end
    on_intel do
      url "@BASE_URL@/v@VERSION@/codexd-linux-x64.tar.gz"
      sha256 "@SHA256:codexd-linux-x64.tar.gz@"
    end
  end

  def install
    bin.install "codexd"
    man1.install "codexd.1"
    bash_completion.install "completions/codexd.bash" => "codexd"
    zsh_completion.install "completions/_codexd"
    fish_completion.install "completions/codexd.fish"
    prefix.install "THIRD-PARTY.md", "licenses"
  end

  service do
    run [opt_bin/"codexd", "serve"]
    keep_alive true
    log_path var/"log/codexd.log"
    error_log_path var/"log/codexd.log"
  end

  test do
    assert_match "codexd #{version} ", shell_output("#{bin}/codexd --version")

    port = free_port
    daemon = spawn bin/"codexd", "serve", "--demo", "--listen", "127.0.0.1:#{port}"
    begin
      request = '{"model": "gpt-5.5", "messages": [{"role": "user", "content": "Say plover."}]}'
      response = shell_output("curl -s --retry 10 --retry-connrefused -H 'content-type: application/json' " \
                              "-d '#{request}' http://127.0.0.1:#{port}/v1/chat/completions")
      assert_match "plover", response
    ensure
      Process.kill "TERM", daemon
      Process.wait daemon
    end
  end
end
