# Installs codexd @VERSION@ on Windows, replaces an older version, or removes it:
#   install.ps1 [-Prefix DIR] [-Version VERSION] [-Uninstall]
[CmdletBinding()]
param(
    # Where codexd.exe goes.
    [string] $Prefix = (Join-Path $env:LOCALAPPDATA 'Programs\codexd'),
    # Another release than this one.
    [string] $Version = '@VERSION@',
    # Remove codexd. Settings and logins stay.
    [switch] $Uninstall
)

# As it is in the registry: the usual function would replace %NAME% in it by values.
function Get-UserFolders {
    $text = (Get-Item 'HKCU:\Environment').GetValue('Path', '', 'DoNotExpandEnvironmentNames')
    @($text -split ';' | Where-Object { $_ -ne '' })
}

function Set-UserFolders([string[]] $Folders) {
    Set-ItemProperty 'HKCU:\Environment' 'Path' ($Folders -join ';') -Type ExpandString
    # Tells running programs, such as the desktop, that the environment has changed.
    [Environment]::SetEnvironmentVariable('CODEXD_INSTALLER', 'x', 'User')
    [Environment]::SetEnvironmentVariable('CODEXD_INSTALLER', $null, 'User')
}

# A function, so that a download of this script that was cut off does nothing.
function Install-Codexd([string] $Prefix, [string] $Version, [bool] $Uninstall) {
    $ErrorActionPreference = 'Stop'
    # Windows PowerShell is slow while it shows progress, and does not use TLS 1.2 by itself.
    $ProgressPreference = 'SilentlyContinue'
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

    $program = Join-Path $Prefix 'codexd.exe'
    $previous = Join-Path $Prefix 'codexd.old.exe'
    $folders = @(Get-UserFolders)

    if ($Uninstall) {
        if (-not (Test-Path $program)) { throw "codexd is not installed in $Prefix. Name its directory with -Prefix." }
        try {
            foreach ($name in 'codexd.exe', 'codexd.old.exe', 'codexd.ps1', 'LICENSE', 'THIRD-PARTY.md', 'licenses') {
                $path = Join-Path $Prefix $name
                if (Test-Path $path) { Remove-Item $path -Recurse -Force }
            }
        } catch {
            throw "Cannot remove codexd from ${Prefix}: $_ Stop a running codexd and try again."
        }
        if ($folders -contains $Prefix) { Set-UserFolders @($folders | Where-Object { $_ -ne $Prefix }) }
        Write-Host "Removed codexd from $Prefix. Settings and logins are still in $env:APPDATA\codexd and $env:LOCALAPPDATA\codexd."
        return
    }

    # A 32-bit PowerShell reports the processor that it simulates in the first variable only.
    $processor = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 } else { $env:PROCESSOR_ARCHITECTURE }
    $target = switch ($processor) {
        'AMD64' { 'windows-x64' }
        'ARM64' { 'windows-arm64' }
        default { throw "codexd is not available for $processor processors. It runs on x86-64 and 64-bit ARM." }
    }
    $number = $Version -replace '^v', ''
    $archive = "codexd-$target.zip"
    $url = "@BASE_URL@/v$number"
    $work = Join-Path ([IO.Path]::GetTempPath()) "codexd-$([Guid]::NewGuid())"
    New-Item -ItemType Directory $work | Out-Null
    try {
        Write-Host "Downloading codexd $number for $target."
        foreach ($name in 'SHA256SUMS', $archive) {
            try {
                Invoke-WebRequest -UseBasicParsing -Uri "$url/$name" -OutFile (Join-Path $work $name)
            } catch {
                throw "Could not download $url/${name}: $_ Check the version and your network connection."
            }
        }
        $line = Get-Content (Join-Path $work 'SHA256SUMS') | Where-Object { $_ -match "  $([Regex]::Escape($archive))$" }
        if (-not $line) { throw "SHA256SUMS has no checksum for $archive. The release is incomplete; try again later." }
        $expected = ($line -split ' ')[0]
        $actual = (Get-FileHash -Algorithm SHA256 (Join-Path $work $archive)).Hash.ToLowerInvariant()
        if ($actual -ne $expected) {
            throw "The checksum of $archive is $actual and not $expected, so nothing was installed. The download is damaged or was changed; try again."
        }
        Expand-Archive (Join-Path $work $archive) $work
        $unpacked = Join-Path $work "codexd-$number-$target"
        $new = & (Join-Path $unpacked 'codexd.exe') --version
        if ($LASTEXITCODE -ne 0) { throw 'codexd does not run on this machine, so nothing was installed.' }

        try {
            New-Item -ItemType Directory -Force $Prefix | Out-Null
            foreach ($name in 'LICENSE', 'THIRD-PARTY.md', 'licenses') {
                Copy-Item (Join-Path $unpacked $name) $Prefix -Recurse -Force
            }
            Copy-Item (Join-Path $unpacked 'completions\codexd.ps1') $Prefix -Force
            # A running program cannot be overwritten, but it can be renamed.
            Remove-Item $previous -Force -ErrorAction SilentlyContinue
            if (Test-Path $program) { Move-Item $program $previous -Force }
            Copy-Item (Join-Path $unpacked 'codexd.exe') $program
            Remove-Item $previous -Force -ErrorAction SilentlyContinue
        } catch {
            if ((Test-Path $previous) -and -not (Test-Path $program)) { Move-Item $previous $program }
            throw "Cannot write to ${Prefix}: $_ Choose another directory with -Prefix."
        }
    } finally {
        Remove-Item $work -Recurse -Force
    }

    Write-Host "Installed $new to $program. Restart a running daemon to use it."
    if ($folders -notcontains $Prefix) {
        Set-UserFolders ($folders + $Prefix)
        $env:Path = "$env:Path;$Prefix"
        Write-Host "Added $Prefix to your PATH. Terminals that are already open do not see it."
    }
    Write-Host "For completions, add this line to your `$PROFILE:  . '$(Join-Path $Prefix 'codexd.ps1')'"
    Write-Host 'Next:'
    Write-Host '  codexd login            log in with your ChatGPT account'
    Write-Host '  codexd ask "Hello."     ask a question'
    Write-Host '  codexd serve            start the daemon'
}

Install-Codexd $Prefix $Version $Uninstall.IsPresent
