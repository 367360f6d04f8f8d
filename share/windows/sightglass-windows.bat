@echo off
rem sightglass-windows.bat - what this Windows is made of, into one file, for
rem
rem	sightglass active windows import FILE
rem
rem For old systems without PowerShell: Windows XP, Server 2003 and later, as
rem long as they have wmic.  It only reads; it installs, changes and sends
rem nothing.  As an administrator it sees all there is.
rem
rem	sightglass-windows.bat [FILE]
setlocal DisableDelayedExpansion
set "OUT=%~1"
if "%OUT%"=="" set "OUT=%CD%\%COMPUTERNAME%-sightglass.txt"
set "WMIC=%SystemRoot%\System32\wbem\wmic.exe"
set "REG=%SystemRoot%\System32\reg.exe"
if not exist "%WMIC%" echo This Windows has no wmic: use sightglass-windows.ps1.& exit /b 1

> "%OUT%" echo Sightglass-Windows 1
if errorlevel 1 exit /b 1
"%WMIC%" os get LocalDateTime /format:list < nul | more >> "%OUT%"

call :class Win32_OperatingSystem \\root\cimv2 "Caption,Version,BuildNumber,CSDVersion,OSArchitecture,InstallDate,LastBootUpTime"
rem XP does not know OSArchitecture, and then says nothing at all.
call :class Win32_OperatingSystem \\root\cimv2 "Caption,Version,BuildNumber,CSDVersion,InstallDate,LastBootUpTime"
>> "%OUT%" echo [UBR]
for /f "tokens=1-3" %%A in ('%REG% query "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" /v UBR 2^>nul') do if "%%A"=="UBR" call :ubr %%C
call :class Win32_ComputerSystem \\root\cimv2 "Name,Domain,PartOfDomain,Manufacturer,Model,NumberOfProcessors,TotalPhysicalMemory,UserName"
call :class Win32_BIOS \\root\cimv2 "Manufacturer,SMBIOSBIOSVersion,SerialNumber"
call :class Win32_Processor \\root\cimv2 "DeviceID,Name"
call :where Win32_LogicalDisk \\root\cimv2 "DriveType=3" "DeviceID,FileSystem,Size,FreeSpace"
call :where Win32_NetworkAdapterConfiguration \\root\cimv2 "IPEnabled=TRUE" "Description,MACAddress,IPAddress"
call :class Win32_QuickFixEngineering \\root\cimv2 "HotFixID,Description,InstalledOn"
call :class Win32_Service \\root\cimv2 "Name,DisplayName,State,StartMode,StartName,PathName"
call :where Win32_UserProfile \\root\cimv2 "Special=FALSE" "LocalPath,SID,Loaded,LastUseTime"
call :class AntiVirusProduct \\root\SecurityCenter2 "displayName,productState,timestamp"
call :class MSFT_MpComputerStatus \\root\Microsoft\Windows\Defender "AMProductVersion,AMServiceEnabled,AntivirusEnabled,RealTimeProtectionEnabled,AntivirusSignatureLastUpdated"
call :programs Uninstall "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
call :programs Uninstall32 "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall"
>> "%OUT%" echo [USBSTOR]
for /f "delims=" %%K in ('%REG% query "HKLM\SYSTEM\CurrentControlSet\Enum\USBSTOR" 2^>nul ^| find "USBSTOR\"') do for /f "delims=" %%S in ('%REG% query "%%K" 2^>nul ^| find "USBSTOR\"') do if not "%%S"=="%%K" (
	>> "%OUT%" echo Device=%%~nxK
	>> "%OUT%" echo Serial=%%~nxS
	>> "%OUT%" echo.
)
echo %OUT%
exit /b 0

rem A class: its objects as NAME=VALUE, with empty lines between.
:class
>> "%OUT%" echo [%1]
"%WMIC%" /namespace:%2 path %1 get %~3 /format:list < nul 2>nul | more >> "%OUT%"
>> "%OUT%" echo.
exit /b 0

:where
>> "%OUT%" echo [%1]
"%WMIC%" /namespace:%2 path %1 where "%~3" get %~4 /format:list < nul 2>nul | more >> "%OUT%"
>> "%OUT%" echo.
exit /b 0

:ubr
set /a UBR=%1
>> "%OUT%" echo UBR=%UBR%
>> "%OUT%" echo.
exit /b 0

rem Each key below: what it says it is called.  A line of reg is a key, or a
rem name, a type and the rest.
:programs
>> "%OUT%" echo [%1]
for /f "tokens=1,2,*" %%A in ('%REG% query %2 /s 2^>nul') do (
	if "%%B"=="REG_SZ" (
		if "%%A"=="DisplayName" >> "%OUT%" echo DisplayName=%%C
		if "%%A"=="DisplayVersion" >> "%OUT%" echo DisplayVersion=%%C
		if "%%A"=="Publisher" >> "%OUT%" echo Publisher=%%C
	) else (
		echo %%A| find "HKEY_" >nul && >> "%OUT%" echo.
	)
)
>> "%OUT%" echo.
exit /b 0
