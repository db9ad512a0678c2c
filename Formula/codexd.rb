# Written by scripts/release; edit scripts/packaging/templates/codexd.rb instead.
class Codexd < Formula
  desc "Use your ChatGPT/Codex login from any tool: CLI and local API daemon"
  homepage "https://github.com/OWNER/codexd"
  version "0.1.0"
  license "MIT"

  on_macos do
    on_arm do
      url "https://github.com/OWNER/codexd/releases/download/v0.1.0/codexd-darwin-arm64.tar.gz"
      sha256 "5fe36575a49e4da145621c01947d8daee49c45539e4d37851086fa429dedb1ca"
    end
    on_intel do
      url "https://github.com/OWNER/codexd/releases/download/v0.1.0/codexd-darwin-x64.tar.gz"
      sha256 "463e115a4918fddc1d724dfc233bc225484cd7653dc7bca39fa07fc698947547"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/OWNER/codexd/releases/download/v0.1.0/codexd-linux-arm64.tar.gz"
      sha256 "91fedd80280b1a73cde608f62c1481d2110ccce0f95c95f39debddae62a556b0"
    end
    on_intel do
      url "https://github.com/OWNER/codexd/releases/download/v0.1.0/codexd-linux-x64.tar.gz"
      sha256 "4077c0ad45430dfd52cff86d300dfe347c96693f2f8feff821e41515069d3c8a"
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
